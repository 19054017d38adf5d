import type { InstanceRef, RollEvent } from "../../../../src/roll/events.ts";
import type { Input } from "../../../../scripts/demo/input.ts";
import { type Model, newModel, reduce } from "../../../../scripts/demo/model.ts";

/** An instance of `v<number>`. */
export function instance(number: number): InstanceRef {
  return { key: `i${number}`, id: `v${number}`, port: 9100 + number, pid: 1000 + number };
}

/** The model after events at given times, in milliseconds since its start. */
export function after(...timed: readonly (readonly [at: number, event: RollEvent])[]): Model {
  return timed.reduce((model, [at, event]) => reduce(model, { kind: "event", at, event }), start());
}

/** A model that started at time 0. */
export function start(): Model {
  return newModel(0);
}

/** The model after further inputs. */
export function then(model: Model, ...inputs: readonly Input[]): Model {
  return inputs.reduce(reduce, model);
}

/** The first version starts and serves, at 1 s. */
export const FIRST_START: readonly (readonly [number, RollEvent])[] = [
  [0, { type: "check.started", trigger: "start" }],
  [20, { type: "roll.started", roll: 1, trigger: "start", from: null, to: "v1" }],
  [25, { type: "roll.candidate", roll: 1, instance: instance(1) }],
  [1_000, { type: "roll.switched", roll: 1, instance: instance(1), from: null }],
];

/** The second version takes over at 6 s and the first is gone at 7 s. */
export const SECOND_VERSION: readonly (readonly [number, RollEvent])[] = [
  [5_000, { type: "check.started", trigger: "interval" }],
  [5_020, { type: "roll.started", roll: 2, trigger: "interval", from: "v1", to: "v2" }],
  [5_025, { type: "roll.candidate", roll: 2, instance: instance(2) }],
  [6_000, { type: "roll.switched", roll: 2, instance: instance(2), from: "v1" }],
  [6_500, { type: "drained", instance: instance(1), finished: 3, cut: 0, durationMs: 500 }],
  [7_000, { type: "instance.stopped", instance: instance(1), outcome: "stopped", durationMs: 500 }],
];

/** The third version is refused at 10 s and gone a little later. */
export const BAD_VERSION: readonly (readonly [number, RollEvent])[] = [
  [9_000, { type: "check.started", trigger: "interval" }],
  [9_020, { type: "roll.started", roll: 3, trigger: "interval", from: "v2", to: "v3" }],
  [9_025, { type: "roll.candidate", roll: 3, instance: instance(3) }],
  [10_000, {
    type: "roll.failed",
    roll: 3,
    id: "v3",
    reason: "exited",
    detail: "it exited with code 1",
    lastLines: ["starting", "\x1b[31mTypeError\x07"],
    retryInMs: 30_000,
  }],
];

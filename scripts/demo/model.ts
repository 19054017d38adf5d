import type { InstanceRef, RollEvent } from "../../src/roll/events.ts";
import type { Input, Telling } from "./input.ts";
import { narrate, type Tone } from "./narration.ts";
import { advance, begin, type CheckTimes, type Passage } from "./passage.ts";
import { count, NO_TRAFFIC, type Traffic } from "./traffic.ts";

const MAX_NEWS = 60;
const MAX_REFUSALS = 10;

/** Something that happened, in words. */
export interface News {
  at: number;
  tone: Tone;
  text: string;
}

/** A version that was refused. */
export interface Refusal {
  at: number;
  id: string;
  detail: string;
  /** What it printed last. */
  lastLine: string | null;
}

/** All that the view shows. */
export interface Model {
  startedAt: number;
  serving: { instance: InstanceRef; since: number } | null;
  check: CheckTimes;
  /** The newest roll; it stays until the next one begins. */
  passage: Passage | null;
  /** Newest last. */
  refusals: readonly Refusal[];
  /** Newest last. */
  news: readonly News[];
  /** Switches from one version to another. */
  rolls: number;
  refused: number;
  traffic: Traffic;
}

/** The model before anything has happened. */
export function newModel(startedAt: number): Model {
  return {
    startedAt,
    serving: null,
    check: { beganAt: null, pulledAt: null },
    passage: null,
    refusals: [],
    news: [],
    rolls: 0,
    refused: 0,
    traffic: NO_TRAFFIC,
  };
}

/** The model after one more input; the argument is not changed. */
export function reduce(model: Model, input: Input): Model {
  if (input.kind === "sample") return { ...model, traffic: count(model.traffic, input.sample) };
  if (input.kind === "pulled") {
    return { ...model, check: { ...model.check, pulledAt: input.at } };
  }
  const told = tell(model, input);
  return input.kind === "event" ? reduceEvent(told, input.event, input.at) : told;
}

function tell(model: Model, input: Telling): Model {
  const words = narrate(input);
  if (words === null) return model;
  return { ...model, news: [...model.news, { at: input.at, ...words }].slice(-MAX_NEWS) };
}

function reduceEvent(model: Model, event: RollEvent, at: number): Model {
  const after = { ...model, passage: nextPassage(model, event, at) };
  switch (event.type) {
    case "check.started":
      return { ...after, check: { beganAt: at, pulledAt: null } };
    case "roll.switched": {
      const rolls = model.rolls + (event.from === null ? 0 : 1);
      return { ...after, rolls, serving: { instance: event.instance, since: at } };
    }
    case "roll.failed":
      return refuse(after, event, at);
    case "instance.exited":
    case "instance.stopped":
      return event.instance.key === model.serving?.instance.key
        ? { ...after, serving: null }
        : after;
    default:
      return after;
  }
}

function nextPassage(model: Model, event: RollEvent, at: number): Passage | null {
  if (event.type === "roll.started") return begin(event, at, model.check);
  const current = model.serving?.instance.key ?? null;
  return model.passage && advance(model.passage, event, at, current);
}

function refuse(
  model: Model,
  { id, detail, lastLines }: Extract<RollEvent, { type: "roll.failed" }>,
  at: number,
): Model {
  const refusal = { at, id, detail, lastLine: lastLines.at(-1) ?? null };
  const refusals = [...model.refusals, refusal].slice(-MAX_REFUSALS);
  return { ...model, refusals, refused: model.refused + 1 };
}

import { assertEquals } from "@std/assert";
import { type Passage, STEPS } from "../../../../scripts/demo/passage.ts";
import {
  after,
  BAD_VERSION,
  FIRST_START,
  instance,
  SECOND_VERSION,
  start,
  then,
} from "./inputs.ts";

function progress(passage: Passage | null): string {
  return STEPS.map((step) => passage?.steps[step].progress).join(" ");
}

Deno.test("nobody serves before the first switch", () => {
  const model = after(...FIRST_START.slice(0, -1));
  assertEquals(model.serving, null);
  assertEquals(progress(model.passage), "done done done running pending pending pending");
});

Deno.test("the first start is no roll and leaves nobody behind", () => {
  const { passage, rolls, serving } = after(...FIRST_START);
  assertEquals(rolls, 0);
  assertEquals(serving, { instance: instance(1), since: 1_000 });
  assertEquals(passage?.outcome, "finished");
  assertEquals(progress(passage), "done done done done done skipped skipped");
});

Deno.test("a roll goes from step to step until the old instance is gone", () => {
  const events = [...FIRST_START, ...SECOND_VERSION];
  const seen = [4, 5, 6, 7, 8, 9, 10].map((count) =>
    progress(after(...events.slice(0, count)).passage)
  );
  assertEquals(seen.slice(1), [
    "done done done done done skipped skipped",
    "done done running pending pending pending pending",
    "done done done running pending pending pending",
    "done done done done done running pending",
    "done done done done done done running",
    "done done done done done done done",
  ]);
  const model = after(...events);
  assertEquals([model.rolls, model.refused, model.passage?.outcome], [1, 0, "finished"]);
  assertEquals(model.serving, { instance: instance(2), since: 6_000 });
});

Deno.test("the time of a pull is told from that of the id", () => {
  const [check, rolled] = FIRST_START;
  const checked = after(check!);
  const model = then(checked, { kind: "pulled", at: 15 }, {
    kind: "event",
    at: rolled![0],
    event: rolled![1],
  });
  const { pull, id } = model.passage!.steps;
  assertEquals([pull.beganAt, pull.endedAt, id.beganAt, id.endedAt], [0, 15, 15, 20]);
});

Deno.test("a refusal is kept with its last words, and the old version serves on", () => {
  const model = after(...FIRST_START, ...SECOND_VERSION, ...BAD_VERSION);
  assertEquals(model.serving?.instance.id, "v2");
  assertEquals([model.rolls, model.refused], [1, 1]);
  assertEquals(model.refusals, [{
    at: 10_000,
    id: "v3",
    detail: "it exited with code 1",
    lastLine: "\x1b[31mTypeError\x07",
  }]);
  assertEquals(model.passage?.outcome, "refused");
  assertEquals(progress(model.passage), "done done done failed skipped skipped running");
});

Deno.test("a late end of an old instance does not touch the passage of a new one", () => {
  const [, , , , drained, stopped] = SECOND_VERSION;
  const model = after(...FIRST_START, ...SECOND_VERSION.slice(0, 4), ...BAD_VERSION.slice(0, 3));
  const before = progress(model.passage);
  assertEquals(before, "done done done running pending pending pending");
  const events = [drained!, stopped!].map(([at, event]) => ({ kind: "event", at, event }) as const);
  assertEquals(progress(then(model, ...events).passage), before);
});

Deno.test("after a crash nobody serves, and the restart skips pull and id", () => {
  const exited = {
    type: "instance.exited",
    instance: instance(1),
    exit: { code: 1, signal: null },
    lastLines: [],
  } as const;
  const restart = {
    type: "roll.started",
    roll: 2,
    trigger: "crash",
    from: null,
    to: "v1",
  } as const;
  assertEquals(after(...FIRST_START, [2_000, exited]).serving, null);
  const { passage } = after(...FIRST_START, [2_000, exited], [2_100, restart]);
  assertEquals(progress(passage), "skipped skipped running pending pending pending pending");
});

Deno.test("samples are counted and bring no news", () => {
  const ok = { at: 10, ok: true, version: "v1", firstByteMs: 2 } as const;
  const failed = { at: 20, ok: false, detail: "status 502" } as const;
  const model = then(start(), { kind: "sample", sample: ok }, { kind: "sample", sample: failed });
  assertEquals([model.traffic.ok, model.traffic.failed], [1, 1]);
  assertEquals(model.traffic.failures, ["status 502"]);
  assertEquals(model.news, []);
});

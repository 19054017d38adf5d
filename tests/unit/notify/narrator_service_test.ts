import { assertEquals } from "@std/assert";
import type { RollEvent } from "../../../src/roll/events.ts";
import { begins, exits, fails, good, instance, restarts, serving, STOPPED } from "./life.ts";

Deno.test("a crash and its healing", () => {
  const life = serving();
  assertEquals(life.goesOn(exits(1, "v1"), restarts(1, false)), ["crashed: v1 crashed"]);
  const { text, lastLines, look, roll, running } = life.last;
  assertEquals({ text, lastLines, look, roll, running }, {
    text: [
      "It exited with code 137 while it served, and is started again.",
      "Nothing runs, wanted v1.",
    ],
    lastLines: ["last words"],
    look: "logs",
    roll: 1,
    running: null,
  });
  assertEquals(life.goesOn(...good(2, "v1", "v1", "crash")), [
    "recovered: recovered: v1 serves again",
  ]);
  assertEquals(life.last.text, ["Running v1."]);
});

Deno.test("a crash loop: the crash, three failed starts, the loop, then silence, then the recovery", () => {
  const life = serving();
  const told = life.goesOn(exits(1, "v1"), restarts(1, false));
  for (let crashes = 2; crashes < 12; crashes++) {
    told.push(...life.goesOn(
      begins(crashes, "v1", "v1", "crash"),
      fails(crashes, "v1", null),
      restarts(crashes, crashes >= 5),
    ));
  }
  assertEquals(told, [
    "crashed: v1 crashed",
    "failed: v1 could not be started again",
    "failed: v1 could not be started again",
    "failed: v1 could not be started again",
    "crash_loop: v1 crashes again and again",
  ]);
  assertEquals(life.goesOn(...good(20, "v1", "v1", "crash")), [
    "recovered: recovered: v1 serves again",
  ]);
});

Deno.test("a newer version that ends a crash loop is a recovery, and a roll", () => {
  const life = serving();
  life.goesOn(exits(1, "v1"), restarts(5, true));
  assertEquals(life.goesOn(...good(2, "v1", "v2", "interval")), [
    "recovered: recovered: v2 serves again",
    "rolled: v1 → v2",
  ]);
});

Deno.test("an instance that ends while liveroll stops has not crashed", () => {
  const life = serving();
  const stopping = { type: "state", state: "stopping", was: "serving", detail: "" } as const;
  assertEquals(life.goesOn(stopping, exits(1, "v1"), STOPPED), ["stopped: liveroll has stopped"]);
  assertEquals(life.last.text, ["v1 served last."]);
});

Deno.test("who does not answer, and answers again", () => {
  const life = serving();
  const sick = instance(1, "v1");
  const event = { type: "instance.unhealthy", instance: sick, failures: 3, detail: "500" } as const;
  assertEquals(life.goesOn(event), ["unhealthy: v1 does not answer"]);
  assertEquals(life.goesOn({ type: "instance.recovered", instance: sick }), [
    "recovered: recovered: v1 answers again",
  ]);
  life.goesOn(event);
  assertEquals(life.goesOn(...good(2, "v1", "v1", "liveness")), [
    "recovered: recovered: v1 serves again",
  ]);
});

Deno.test("containers that stay away, until all are there or another version serves", () => {
  const life = serving();
  const who = instance(1, "v1");
  const detail = "2 of 3 containers are well";
  const missing = { type: "containers.missing", instance: who, detail } as const;
  assertEquals(life.goesOn(missing), ["containers_missing: v1 lacks containers"]);
  assertEquals(life.last.text[0], "For a minute now 2 of 3 containers are well.");
  assertEquals(life.goesOn({ type: "containers.complete", instance: who }), [
    "recovered: recovered: v1 has all its containers",
  ]);
  life.goesOn(missing);
  assertEquals(life.goesOn(...good(2, "v1", "v2", "interval")), [
    "recovered: recovered: v2 has all its containers",
    "rolled: v1 → v2",
  ]);
});

Deno.test("hooks after a roll are told when they fail and when they work again", () => {
  const life = serving();
  const end = { outcome: "failed", code: 3, lastLines: ["no"], durationMs: 1 } as const;
  const ends = (hook: "before" | "after" | "on-failure", ok: boolean): RollEvent => ({
    type: "hook.ended",
    roll: 2,
    hook,
    end: ok ? { ...end, outcome: "succeeded", code: 0 } : end,
  });
  assertEquals(life.goesOn(ends("before", false), ends("after", true)), []);
  assertEquals(life.goesOn(ends("after", false)), ["hook_failed: the after hook failed"]);
  assertEquals(life.last.text[0], "It ended with code 3. The outcome of the roll is the same.");
  assertEquals(life.goesOn(ends("on-failure", true)), []);
  assertEquals(life.goesOn(ends("after", true)), [
    "recovered: recovered: the after hook works again",
  ]);
});

Deno.test("a port that is taken, until an instance serves", () => {
  const life = serving();
  const holder = "python3 (pid 7)";
  const busy = { type: "port.busy", roll: 2, id: "v2", port: 9102, holder } as const;
  const told = life.goesOn(busy, busy, busy, busy);
  assertEquals(told, Array(3).fill("port_busy: v2 cannot start, port 9102 is taken"));
  assertEquals(life.goesOn(...good(2, "v1", "v2", "interval")), [
    "recovered: recovered: v2 has found a port",
    "rolled: v1 → v2",
  ]);
});

Deno.test("who cannot be ended, and is waited for", () => {
  const life = serving();
  const instance = { key: "i1", id: "v1", port: 9101, pid: 7 };
  const told = life.goesOn({ type: "instance.awaited", instance });
  assertEquals(told, ["cannot_end: v1 cannot be ended"]);
  assertEquals(
    life.last.text[0],
    "It may still write: nothing is started on its data before it " +
      "is gone.",
  );
});

Deno.test("a journal that cannot be written, and can again", () => {
  const life = serving();
  assertEquals(life.goesOn({ type: "journal.failed", detail: "disk full" }), [
    "journal_failed: nothing can be written down",
  ]);
  assertEquals(life.goesOn({ type: "journal.recovered" }), [
    "recovered: recovered: everything is written down again",
  ]);
});

Deno.test("what somebody has asked for is told each time", () => {
  const life = serving();
  const paused = { type: "setting", what: "paused", detail: "" } as const;
  assertEquals(life.goesOn(paused, paused), Array(2).fill("paused: updates are paused"));
  assertEquals(life.goesOn({ type: "setting", what: "maintenance_on", detail: "back at 5" }), [
    "maintenance_on: maintenance, requests are answered 503",
  ]);
  assertEquals(life.last.text[0], "Back at 5.");
});

Deno.test("data that was not put back is an error of its own, told until something serves again", () => {
  const life = serving();
  life.goesOn(exits(1, "v1"));
  const detail = "the data was changed for v2 and was not restored";
  const broken = (roll: number): RollEvent => {
    const refused = { roll, id: "v1", detail, lastLines: [], retryInMs: null };
    return { type: "roll.failed", reason: "data_not_restored", ...refused };
  };
  assertEquals(life.goesOn(begins(3, "v1", "v1", "crash"), broken(3)), [
    "data_broken: the data is broken, v1 is not started",
  ]);
  const { importance, text, look } = life.last;
  assertEquals([importance, text[0], look], ["error", `The ${detail.slice(4)}.`, "show 3"]);
  assertEquals(life.goesOn(...good(4, "v1", "v1", "crash")), [
    "recovered: recovered: v1 serves again",
  ]);
});

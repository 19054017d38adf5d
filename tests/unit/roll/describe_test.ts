import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, howItEnded, type Level } from "../../../src/roll/describe.ts";
import { UNKNOWN_EXIT } from "../../../src/roll/instance.ts";
import {
  APP_STATES,
  type Obstacle,
  type RollEvent,
  type SettingChange,
  TRIGGERS,
} from "../../../src/roll/events.ts";
import { EACH, LINES } from "./one_of_each.ts";

const WITH_LINES = `. Its last lines:\n${LINES.join("\n")}`;

const SENTENCES: Record<RollEvent["type"], [Level, string]> = {
  "state": ["debug", "serving: serving v7"],
  "check.started": ["debug", "Looking for a version (interval)"],
  "check.unchanged": ["debug", "v7 is still the newest version"],
  "check.failed": ["warn", "The id command failed: exit status 1"],
  "check.quarantined": [
    "warn",
    "v7 is in quarantine (3 failures), next try in 4.50s at the earliest",
  ],
  "check.declined": ["warn", "No check (forced): updates are paused"],
  "check.unstable_id": [
    "warn",
    "Every check names another id: does the id command print the time, or something random?",
  ],
  "update.found": ["info", "v7 was found, v6 runs"],
  "turn.waiting": ["info", "Roll 12: v7 waits for its turn, web1:8080 rolls"],
  "port.busy": ["warn", "Port 9107 is held by pid 3 (nginx), cannot start there"],
  "roll.started": ["info", "Roll 12 to v7 began (asked for, from v6)"],
  "roll.phase": ["debug", "Roll 12: gate"],
  "roll.phase_ended": ["debug", "Roll 12: gate failed after 2.35s"],
  "roll.candidate": ["info", "Roll 12: v7@9107 started, pid 4107"],
  "probe.failed": ["info", "v7@9107 is not healthy yet: status 503"],
  "roll.switched": ["info", "Roll 12: requests go to v7@9107 now"],
  "roll.succeeded": ["info", "Roll 12 to v7 succeeded in 13s"],
  "roll.failed": [
    "error",
    `Roll 12: v7 refused, it exited; next try in 30s at the earliest, on a new id or on SIGHUP${WITH_LINES}`,
  ],
  "roll.rolled_back": [
    "error",
    `Roll 12: v7 was not well, 3 probes in a row failed; back to v6${WITH_LINES}`,
  ],
  "roll.skipped": ["info", "Roll 12 to v7 was called off: v7 is skipped"],
  "roll.interrupted": ["info", "Roll 12 to v7 was called off: v8 came"],
  "hook.ended": ["warn", `Roll 12: before hook failed, code 3${WITH_LINES}`],
  "quarantine.added": ["info", "v7 is in quarantine for 60s"],
  "quarantine.released": ["info", "v7 may be tried again"],
  "instance.exited": ["error", `v7@9107 exited with code 9 while it served${WITH_LINES}`],
  "instance.unhealthy": ["warn", "v7@9107 does not answer: 3 probes in a row failed, status 503"],
  "instance.recovered": ["info", "v7@9107 answers again"],
  "restart.scheduled": ["warn", "v7 is down, next start in 0.50s"],
  "drained": ["warn", "v7@9107 drained in 30s: 5 requests finished, 2 were cut"],
  "container.died": ["warn", "Container web-0 ended with code 137, it was out of memory (v7@9107)"],
  "container.back": ["info", "Container web-0 is back (v7@9107)"],
  "container.set_aside": ["warn", "Container web-0 gets no requests: status 503 (v7@9107)"],
  "container.well_again": ["info", "Container web-0 is well again (v7@9107)"],
  "container.removed": ["warn", "Container web-0 was removed (v7@9107)"],
  "container.sick": ["warn", "Container web-0 is not well: another one takes its place (v7@9107)"],
  "container.replaced": ["info", "Container web-0 takes the place of one that was lost (v7@9107)"],
  "containers.missing": [
    "warn",
    "v7@9107 lacks containers for a minute now: 2 of 3 containers are well",
  ],
  "containers.complete": ["info", "v7@9107 has all its containers again"],
  "instance.warm": ["info", "v7@9107 is kept ready for 600s"],
  "instance.stopped": ["info", "v7@9107: already gone after 0.00s"],
  "instance.adopted": ["info", "v7@9107 has gone on without us and serves again"],
  "instance.leftover": ["warn", "v7@9107 was left over and is stopped: it was draining"],
  "instance.awaited": [
    "warn",
    "v7@9107 could not be ended and may still write to the data: nothing is started, or done to " +
    "the data, before it is gone",
  ],
  "journal.failed": [
    "error",
    "Nothing can be written down: disk full; what runs goes on, updates wait",
  ],
  "journal.recovered": ["info", "Everything is written down again"],
  "setting": ["info", "A version is pinned: v7"],
  "request.ended": ["debug", "Request 21: refused, v7 has to wait"],
};

for (const event of Object.values(EACH)) {
  Deno.test(`${event.type}: what people read of it, and how loud it is`, () => {
    const [level, message] = SENTENCES[event.type];
    assertEquals(describe(event), { level, message });
  });
}

/** How an event may differ in what it says. */
const VARIANTS: [string, RollEvent, Level, string][] = [
  [
    "the beginning of the end",
    { type: "state", state: "stopping", was: "serving", detail: "stopping" },
    "info",
    "Stopping: no new requests, what is under way may finish",
  ],
  [
    "the first version",
    { ...EACH["roll.started"], trigger: "start", from: null },
    "info",
    "Roll 12 to v7 began (first start)",
  ],
  [
    "a first version that is found",
    { ...EACH["update.found"], from: null },
    "info",
    "v7 was found",
  ],
  [
    "a refused connection, which is how every start begins",
    { ...EACH["probe.failed"], detail: "connection refused" },
    "debug",
    "v7@9107 is not healthy yet: connection refused",
  ],
  [
    "a failure without quarantine and without output",
    { ...EACH["roll.failed"], lastLines: [], retryInMs: null },
    "error",
    "Roll 12: v7 refused, it exited",
  ],
  [
    "a hook that went well",
    {
      ...EACH["hook.ended"],
      hook: "after",
      end: { outcome: "succeeded", code: 0, lastLines: LINES, durationMs: 90 },
    },
    "info",
    "Roll 12: after hook done in 0.09s",
  ],
  [
    "a hook that took too long",
    {
      ...EACH["hook.ended"],
      hook: "on-failure",
      end: { outcome: "timed_out", code: null, lastLines: [], durationMs: 30_000 },
    },
    "warn",
    "Roll 12: on-failure hook timed out after 30s",
  ],
  [
    "a crash that is healed at once",
    { ...EACH["restart.scheduled"], crashes: 1, inMs: 0 },
    "warn",
    "v7 is down, starting it again",
  ],
  [
    "a crash loop",
    { ...EACH["restart.scheduled"], crashes: 5, inMs: 8_000, crashLoop: true },
    "error",
    "Crash loop: v7 failed 5 times in a row, next start in 8.00s",
  ],
  [
    "a registry, which is no command",
    { ...EACH["check.failed"], step: "registry", detail: "it answered 500" },
    "warn",
    "The registry failed: it answered 500",
  ],
  [
    "a drain that cut nobody",
    { ...EACH["drained"], cut: 0 },
    "info",
    "v7@9107 drained in 30s: 5 requests finished, 0 were cut",
  ],
  [
    "an instance that cannot be ended",
    { ...EACH["instance.stopped"], outcome: "survived", durationMs: 10_000 },
    "error",
    "v7@9107: survived after 10s",
  ],
  [
    "an order that went well and needs no more words",
    { ...EACH["request.ended"], outcome: "succeeded", detail: "" },
    "debug",
    "Request 21: succeeded",
  ],
];

for (const [what, event, level, message] of VARIANTS) {
  Deno.test(`${event.type}, ${what}`, () => assertEquals(describe(event), { level, message }));
}

const OBSTACLES: Record<Obstacle, string> = {
  quarantined: "v7 is in quarantine",
  skipped: "v7 is skipped",
  paused: "v7 has to wait",
  pinned: "v7 has to wait",
  notify_only: "v7 was found",
  window: "v7 waits for its window",
  cooldown: "v7 is too young",
};

for (const [name, words] of Object.entries(OBSTACLES)) {
  const obstacle = name as Obstacle;
  Deno.test(`update.found, it has to wait (${obstacle}): says why and until when`, () => {
    const until = Date.UTC(2030, 0, 2, 3, 4, 5);
    const found = (waits: { obstacle: Obstacle; detail: string; until: number | null }) =>
      describe({ type: "update.found", id: "v7", from: "v6", waits }).message;
    assertEquals(found({ obstacle, detail: "because", until: null }), `${words}: because, v6 runs`);
    assertEquals(
      found({ obstacle, detail: "because", until }),
      `${words}, until 2030-01-02T03:04:05.000Z: because, v6 runs`,
    );
  });
}

const CHANGES: Record<SettingChange, string> = {
  paused: "Updates are paused",
  resumed: "Updates go on",
  held: "Requests are held",
  released: "Requests are let go",
  maintenance_on: "Maintenance: requests are answered 503",
  maintenance_off: "Maintenance is over",
  pinned: "A version is pinned",
  unpinned: "No version is pinned any more",
  skipped: "A version is skipped",
};

for (const [what, words] of Object.entries(CHANGES)) {
  Deno.test(`setting, ${what}: with a detail only if there is one`, () => {
    const say = (detail: string) =>
      describe({ type: "setting", what: what as SettingChange, detail }).message;
    assertEquals([say(""), say("v7")], [words, `${words}: v7`]);
  });
}

Deno.test("every trigger has a reason of its own, in words", () => {
  const reasons = TRIGGERS.map((trigger) =>
    describe({ type: "roll.started", roll: 1, trigger, from: null, to: "v7" }).message
  );
  assertEquals(new Set(reasons).size, TRIGGERS.length);
  for (const reason of reasons) assert(!/undefined|-rollback/.test(reason), reason);
});

Deno.test("every state is told, and only the beginning of the end aloud", () => {
  for (const state of APP_STATES) {
    const { level, message } = describe({ type: "state", state, was: "serving", detail: "x" });
    assertEquals(level, state === "stopping" ? "info" : "debug");
    assertStringIncludes(message.toLowerCase(), state);
  }
});

Deno.test("no sentence has a hole in it", () => {
  const all = [...Object.values(EACH), ...VARIANTS.map(([, event]) => event)];
  for (const event of all) {
    const { message } = describe(event);
    assert(!/undefined|null|NaN|\[object|Infinity/.test(message), message);
    assert(message.trim() === message && !/[,:;]$/.test(message), message);
  }
});

Deno.test("what concerns a version, an instance or a roll names it", () => {
  for (const event of Object.values(EACH)) {
    const { message } = describe(event);
    if ("roll" in event && event.roll !== null && event.type !== "port.busy") {
      assertStringIncludes(message, `Roll ${event.roll}`);
    }
    if ("instance" in event) assertStringIncludes(message, "v7@9107");
    if ("id" in event && event.type !== "port.busy") assertStringIncludes(message, event.id);
    if ("port" in event) assertStringIncludes(message, String(event.port));
  }
});

for (
  const [exit, words] of [
    [{ code: 0, signal: null }, "exited with code 0"],
    [{ code: 1, signal: null }, "exited with code 1"],
    [{ code: 137, signal: "SIGKILL" }, "was ended by SIGKILL"],
    [{ code: UNKNOWN_EXIT, signal: null }, "ended"],
  ] as const
) {
  Deno.test(`how a process ended: it ${words}`, () => assertEquals(howItEnded(exit), words));
}

for (
  const [ms, words] of [
    [0, "0.00s"],
    [4, "0.00s"],
    [1_234, "1.23s"],
    [9_999, "10.00s"],
    [10_000, "10s"],
    [3_600_000, "3600s"],
  ] as const
) {
  Deno.test(`${ms} ms are told as ${words}`, () => {
    const { message } = describe({ ...EACH["roll.succeeded"], durationMs: ms });
    assertEquals(message, `Roll 12 to v7 succeeded in ${words}`);
  });
}

Deno.test("who listens nowhere is named by the version alone", () => {
  const instance = { key: "i1", id: "v7", port: 0, pid: 1 };
  const { message } = describe({ type: "roll.switched", roll: 1, instance, from: null });
  assertEquals(/v7(?!@)/.test(message), true, message);
});

import { assertEquals } from "@std/assert";
import { Audit } from "../../../src/artifact/audit.ts";
import type { RollEvent, Trigger } from "../../../src/roll/events.ts";
import type { AuditRecord } from "../../../src/source/registry.ts";
import { recordingLog } from "../platform/recording_log.ts";

function setUp({ reportFailures = false, problem = null as Error | null } = {}) {
  const records: AuditRecord[] = [];
  const log = recordingLog();
  const audit = new Audit({
    registry: {
      report: (_tag, record) => {
        if (problem) return Promise.reject(problem);
        records.push(record);
        return Promise.resolve();
      },
    },
    host: "web",
    command: "server",
    reportFailures,
    date: () => 7,
    log,
  });
  const roll = (number: number, trigger: Trigger, from: string | null, end: RollEvent) => {
    audit.observe({ type: "roll.started", roll: number, trigger, from, to: "v2" });
    audit.observe(end);
  };
  return { audit, roll, records, log };
}

const GOOD = { type: "roll.succeeded", roll: 1, id: "v2", durationMs: 1 } as const;
const BAD = {
  type: "roll.rolled_back",
  roll: 1,
  id: "v2",
  to: "v1",
  detail: "it died",
  lastLines: [],
} as const;

Deno.test("a deployment is recorded once", async () => {
  const { audit, roll, records } = setUp();
  roll(1, "interval", "v1", GOOD);
  audit.observe(GOOD);
  await audit.close(1_000);
  assertEquals(records, [{ tag: "v2", host: "web", command: "server", at: 7, error: null }]);
});

for (
  const [what, trigger, from] of [
    ["a start after a crash", "crash", "v2"],
    ["a restart of liveroll", "start", "v2"],
    ["a restart", "restart", "v2"],
  ] as const
) {
  Deno.test(`${what} is no deployment`, async () => {
    const { audit, roll, records } = setUp();
    roll(1, trigger, from, GOOD);
    await audit.close(1_000);
    assertEquals(records, []);
  });
}

for (const reportFailures of [false, true]) {
  Deno.test(`failures are ${reportFailures ? "recorded if that is wanted" : "not recorded"}`, async () => {
    const { audit, roll, records } = setUp({ reportFailures });
    roll(1, "interval", "v1", BAD);
    await audit.close(1_000);
    assertEquals(records.map(({ error }) => error), reportFailures ? ["it died"] : []);
  });
}

Deno.test("what other hosts hold up was not deployed, and has not failed", async () => {
  const { audit, roll, records } = setUp({ reportFailures: true });
  const more = { reason: "no_turn", retryInMs: 10_000 } as const;
  roll(1, "interval", "v1", { ...BAD, type: "roll.failed", ...more });
  await audit.close(1_000);
  assertEquals(records, []);
});

Deno.test("a registry that takes no records is told of, and nothing waits for it", async () => {
  const { audit, roll, log } = setUp({ problem: new Error("read only") });
  roll(1, "interval", null, GOOD);
  await audit.close(1_000);
  assertEquals(log.entries.map(({ message }) => message), [
    "Cannot write the record of v2: read only",
  ]);
});

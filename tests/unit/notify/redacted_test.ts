import { assertEquals, assertRejects } from "@std/assert";
import {
  redactedJournal,
  redactedLog,
  redactedSource,
  redactedTurns,
} from "../../../src/notify/redacted.ts";
import type { Turn, TurnEnd } from "../../../src/roll/turns.ts";
import { createRedactor, HIDDEN } from "../../../src/notify/redact.ts";
import { type Source, SourceError } from "../../../src/roll/effects.ts";
import { ForgetfulJournal, type JournalEntry } from "../../../src/roll/journal.ts";

const SECRET = "sesame-open";
const redact = createRedactor({ A_TOKEN: SECRET });

Deno.test("a journal keeps what was said without secrets, and ids and tokens as they are", async () => {
  const written: JournalEntry[] = [];
  const write = (entry: JournalEntry) => Promise.resolve(void written.push(entry));
  const { memory } = new ForgetfulJournal();
  const hasServed = (id: string) => id === SECRET;
  const journal = redactedJournal({ memory, write, hasServed }, redact);
  const quarantine = { id: SECRET, failures: 1, retryAt: 0, waitMs: 1, detail: SECRET };
  const ended = { step: "roll.ended", roll: 1, outcome: "failed", durationMs: 1 } as const;
  await journal.write({ ...ended, detail: `no ${SECRET}`, lastLines: [SECRET, "x"] });
  await journal.write({ step: "quarantine.changed", id: SECRET, entry: quarantine });
  await journal.write({ step: "version.proven", id: SECRET, at: 1 });
  assertEquals(written, [
    { ...ended, detail: `no ${HIDDEN}`, lastLines: [HIDDEN, "x"] },
    { step: "quarantine.changed", id: SECRET, entry: { ...quarantine, detail: HIDDEN } },
    { step: "version.proven", id: SECRET, at: 1 },
  ]);
  assertEquals([journal.memory.lastRoll, journal.hasServed(SECRET)], [0, true]);
});

Deno.test("a journal that cannot be written still says so", async () => {
  const journal = redactedJournal({
    memory: new ForgetfulJournal().memory,
    write: () => Promise.reject(new Error("disk full")),
    hasServed: () => false,
  }, redact);
  await assertRejects(
    () => journal.write({ step: "instance.gone", key: "i1" }),
    Error,
    "disk full",
  );
});

Deno.test("the complaints of a source hold no secrets, its ids and everything else pass", async () => {
  const answers: (() => string)[] = [
    () => SECRET,
    () => {
      throw new SourceError("id", `cannot log in with ${SECRET}`);
    },
    () => {
      throw new DOMException("stop", "AbortError");
    },
  ];
  let idles = 0;
  const source: Source = redactedSource({
    latest: () => Promise.resolve().then(() => answers.shift()!()),
    idle: () => {
      idles++;
      return Promise.resolve();
    },
  }, redact);
  const { signal } = new AbortController();
  assertEquals(await source.latest(signal, null), SECRET);
  const error = await assertRejects(() => source.latest(signal, null), SourceError);
  assertEquals([error.step, error.message], ["id", `cannot log in with ${HIDDEN}`]);
  await assertRejects(() => source.latest(signal, null), DOMException, "stop");
  await source.idle();
  assertEquals(idles, 1);
});

Deno.test("a log says everything without secrets", () => {
  const lines: unknown[][] = [];
  const write = (level: string) => (...line: unknown[]) => void lines.push([level, ...line]);
  const levels = ["debug", "info", "warn", "error"] as const;
  const raw = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  const log = redactedLog(raw, redact);
  for (const level of levels) log[level](`a ${SECRET}`, { port: 1 });
  assertEquals(lines, levels.map((level) => [level, `a ${HIDDEN}`, { port: 1 }]));
});

Deno.test("other hosts are told no secrets", async () => {
  const told: TurnEnd[] = [];
  const { signal } = new AbortController();
  const turn: Turn = { lost: signal, end: (end) => Promise.resolve(void told.push(end)) };
  const turns = redactedTurns({
    take: () => Promise.resolve({ outcome: "granted", turn }),
    without: () => turn,
  }, redact);
  const wish = { version: "v2", isOrdered: false, isUrgent: false, onWaiting: () => {} };
  const answer = await turns.take(wish, signal);
  const taken = answer.outcome === "granted" ? [answer.turn] : [];
  for (const one of [...taken, turns.without("v2")]) {
    await one.end({ outcome: "failed", detail: `no ${SECRET}` });
  }
  const end = { outcome: "failed", detail: `no ${HIDDEN}` };
  assertEquals<unknown>(told, [end, end]);
});

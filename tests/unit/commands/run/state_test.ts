import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { State } from "../../../../src/commands/run/state.ts";
import type { RollOutcome } from "../../../../src/roll/events.ts";
import type { LoggedEvent } from "../../../../src/roll/logged_event.ts";
import { databasePath } from "../../../../src/state/database.ts";
import { StateLockedError } from "../../../../src/state/state_directory.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { TempDirectory } from "../../state/temp_directory.ts";

const NOTHING = { succeeded: 0, failed: 0, rolled_back: 0, interrupted: 0, skipped: 0 };

const EVENT: LoggedEvent = {
  at: "2026-01-02T00:00:00.000Z",
  level: "info",
  message: "v1 is still the newest version",
  event: { type: "check.unchanged", id: "v1" },
};

/** Writes down a whole roll. */
async function roll(state: State, number: number, outcome: RollOutcome | null): Promise<void> {
  const { journal } = state;
  const common = { at: 0, trigger: "interval", from: null, to: `v${number}` } as const;
  await journal.write({ step: "roll.began", roll: number, ...common });
  if (outcome === null) return;
  const end = { outcome, detail: "", durationMs: 1, lastLines: [] };
  await journal.write({ step: "roll.ended", roll: number, ...end });
}

Deno.test("a new state directory: nothing is known, nothing is wrong, nothing is said", () => {
  using dir = new TempDirectory();
  const log = recordingLog();
  using state = State.open(`${dir.path}/new`, log);
  assertEquals([state.journal.problem, state.directory.isLocked, log.entries], [null, true, []]);
  assertEquals(state.counts(), NOTHING);
  const { records } = state;
  assertEquals([records.history({ limit: 9 }), records.newest({ limit: 9 })], [[], []]);
  assertEquals([records.roll(1), records.ofRoll(1)], [null, []]);
  assertEquals(Deno.statSync(`${dir.path}/new`).mode! & 0o777, 0o700);
});

Deno.test("rolls are told newest first, and counted by their outcome", async () => {
  using dir = new TempDirectory();
  using state = State.open(dir.path, recordingLog());
  const outcomes = [
    "succeeded",
    "failed",
    "rolled_back",
    "interrupted",
    "succeeded",
    null,
  ] as const;
  for (const [index, outcome] of outcomes.entries()) await roll(state, index + 1, outcome);
  assertEquals(state.counts(), {
    succeeded: 2,
    failed: 1,
    rolled_back: 1,
    interrupted: 1,
    skipped: 0,
  });
  assertEquals(state.records.history({ limit: 2 }).map(({ roll }) => roll), [6, 5]);
  assertEquals([state.records.roll(2)?.outcome, state.records.roll(99)], ["failed", null]);
});

Deno.test("events can be read right after they were told, though they are written down later", () => {
  using dir = new TempDirectory();
  using state = State.open(dir.path, recordingLog());
  state.events.add(EVENT, 1);
  assertEquals(state.records.newest({ limit: 9 }), [EVENT]);
  state.events.add(EVENT, 1);
  assertEquals(state.records.ofRoll(1), [EVENT, EVENT]);
});

Deno.test("G13 the next life finds everything that this one has written down", async () => {
  using dir = new TempDirectory();
  {
    using state = State.open(dir.path, recordingLog());
    await roll(state, 1, "succeeded");
    await roll(state, 2, null);
    state.events.add(EVENT, 2);
  }
  using state = State.open(dir.path, recordingLog());
  assertEquals(state.journal.memory.lastRoll, 2);
  assertEquals(state.journal.memory.unfinished.map(({ roll }) => roll), [2]);
  assertEquals(state.records.ofRoll(2), [EVENT]);
});

Deno.test("G2 a second one for the same directory is refused, and told by whom", () => {
  using dir = new TempDirectory();
  using _ = State.open(dir.path, recordingLog());
  const error = assertThrows(() => State.open(dir.path, recordingLog()), StateLockedError);
  assertStringIncludes((error as Error).message, `pid ${Deno.pid}`);
});

Deno.test("when it is given back, the next one can have it", () => {
  using dir = new TempDirectory();
  for (let i = 0; i < 2; i++) {
    using state = State.open(dir.path, recordingLog());
    assertEquals(state.directory.isLocked, true);
  }
});

Deno.test("G13 a database that is damaged is set aside with a loud word, and a new one begun", () => {
  using dir = new TempDirectory();
  const file = databasePath(dir.path);
  Deno.writeTextFileSync(file, "this was never a database ".repeat(1_000));
  const log = recordingLog();
  using state = State.open(dir.path, log);
  assertEquals([state.journal.problem, state.records.history({ limit: 9 })], [null, []]);
  const [entry] = log.entries;
  assertEquals([entry?.level, entry?.properties.event], ["error", "state.damaged"]);
  assertStringIncludes(entry?.message ?? "", "What ran before is not known any more");
  const kept = String(entry?.properties.path);
  assert(Deno.readTextFileSync(kept).startsWith("this was never a database"));
});

/** A database on a disk that is not there. @returns What brings the disk back. */
function away(directory: string): () => void {
  const disk = `${directory}/disk/not/there`;
  Deno.symlinkSync(`${disk}/liveroll.db`, databasePath(directory));
  return () => Deno.mkdirSync(disk, { recursive: true });
}

Deno.test("a database that cannot be opened is told, and everything goes on without it", () => {
  using dir = new TempDirectory();
  away(dir.path);
  const log = recordingLog();
  using state = State.open(dir.path, log);
  assertEquals(log.entries.map(({ properties }) => properties.event), ["state.unwritable"]);
  assertStringIncludes(log.messages()[0]!, `Cannot write to the state directory ${dir.path}`);
  assertEquals(state.counts(), NOTHING);
  state.events.add(EVENT, null);
  const { records } = state;
  assertEquals([records.newest({ limit: 9 }), records.history({ limit: 9 })], [[], []]);
});

Deno.test("it tries now and then to write down what could not be, and tells when it is done", () => {
  using dir = new TempDirectory();
  const bringBack = away(dir.path);
  using state = State.open(dir.path, recordingLog());
  const ticks: (() => void)[] = [];
  const { setInterval } = globalThis;
  let recovered = 0;
  try {
    globalThis.setInterval = ((tick: () => void) => {
      ticks.push(tick);
      return 0;
    }) as unknown as typeof setInterval;
    state.keepTrying({ onRecovered: () => void recovered++, onRestored() {} });
  } finally {
    globalThis.setInterval = setInterval;
  }
  const [tick] = ticks;
  tick!();
  assertEquals([recovered, state.journal.problem === null], [0, false]);
  bringBack();
  for (let i = 0; i < 2; i++) tick!();
  assertEquals([recovered, state.journal.problem], [1, null]);
});

import { assertEquals } from "@std/assert";
import type { LoggedEvent } from "../../../src/roll/logged_event.ts";
import { EventStore } from "../../../src/state/event_store.ts";
import { History } from "../../../src/state/history.ts";
import { SqliteJournal } from "../../../src/state/sqlite_journal.ts";
import { TempDirectory } from "./temp_directory.ts";

const event = (message: string): LoggedEvent => ({
  at: "2026-11-21T00:00:00.000Z",
  level: "info",
  message,
  event: { type: "check.unchanged", id: "v1" },
});

Deno.test("events are told oldest first, all of them or those of a roll", () => {
  using dir = new TempDirectory();
  using journal = SqliteJournal.open(dir.path, { onSetAside() {} });
  using store = new EventStore(() => journal.db);
  for (let i = 0; i < 5; i++) store.add(event(`${i}`), i % 2 === 0 ? 1 : null);
  store.flush();
  const history = new History(journal.db!);
  const texts = (events: LoggedEvent[]) => events.map(({ message }) => message);
  assertEquals(texts(history.newest({ limit: 3 })), ["2", "3", "4"]);
  assertEquals(texts(history.ofRoll(1)), ["0", "2", "4"]);
});

Deno.test("events wait while nothing can be written, and the oldest are given up", () => {
  using dir = new TempDirectory();
  let isThere = false;
  using journal = SqliteJournal.open(dir.path, { onSetAside() {} });
  using store = new EventStore(() => isThere ? journal.db : null);
  for (let i = 0; i < 1_200; i++) store.add(event(`${i}`), null);
  isThere = true;
  store.flush();
  const all = new History(journal.db!).newest({ limit: 5_000 });
  assertEquals([all.length, all[0]?.message, all.at(-1)?.message], [1_000, "200", "1199"]);
});

Deno.test("an event with a flood of lines is kept without them", () => {
  using dir = new TempDirectory();
  using journal = SqliteJournal.open(dir.path, { onSetAside() {} });
  using store = new EventStore(() => journal.db);
  const lastLines = ["x".repeat(100_000)];
  const long = { ...event("m".repeat(5_000)), event: { ...event("").event, lastLines } };
  store.add(long as LoggedEvent, null);
  store.flush();
  const [kept] = new History(journal.db!).newest({ limit: 1 });
  assertEquals(kept?.message.length, 2_000);
});

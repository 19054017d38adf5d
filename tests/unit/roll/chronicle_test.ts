import { assertEquals, assertRejects } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import { type JournalEntry, JournalError } from "../../../src/roll/journal.ts";
import { Book } from "./book.ts";

const INTENT: JournalEntry = { step: "stop.intended", key: "i1" };
const RESULT: JournalEntry = { step: "instance.gone", key: "i1" };

function setUp() {
  const events: RollEvent[] = [];
  const book = new Book();
  return { events, book, chronicle: new Chronicle(book, (event) => events.push(event)) };
}

Deno.test("G1 intents and results are written down in the order in which they come", async () => {
  const { book, chronicle, events } = setUp();
  await Promise.all([chronicle.intend(INTENT), chronicle.note(RESULT)]);
  assertEquals(book.lines, [INTENT, RESULT]);
  assertEquals([chronicle.problem, events], [null, []]);
});

Deno.test("G1 the first write is begun in the very step in which it is asked for", () => {
  const { book, chronicle } = setUp();
  chronicle.note(RESULT);
  assertEquals(book.lines, [RESULT]);
});

Deno.test("G1 an intent that cannot be made durable is an error: it must not be done", async () => {
  const { book, chronicle } = setUp();
  book.problem = "disk full";
  await assertRejects(() => chronicle.intend(INTENT), JournalError, "disk full");
  assertEquals(chronicle.problem, "disk full");
});

Deno.test("a result that cannot be made durable is told, and nothing else happens", async () => {
  const { book, chronicle, events } = setUp();
  book.problem = "disk full";
  await chronicle.note(RESULT);
  assertEquals(chronicle.problem, "disk full");
  assertEquals(events, [{ type: "journal.failed", detail: "disk full" }]);
});

Deno.test("the same trouble is told once, other trouble is news, and so is the end of it", async () => {
  const { book, chronicle, events } = setUp();
  for (const problem of ["disk full", "disk full", "read-only", "disk full", null, null]) {
    book.problem = problem;
    await chronicle.note(RESULT);
  }
  assertEquals(events, [
    { type: "journal.failed", detail: "disk full" },
    { type: "journal.failed", detail: "read-only" },
    { type: "journal.failed", detail: "disk full" },
    { type: "journal.recovered" },
  ]);
  assertEquals(chronicle.problem, null);
});

Deno.test("somebody else may find out that all is well again; that is told once", async () => {
  const { book, chronicle, events } = setUp();
  chronicle.recovered();
  book.problem = "disk full";
  await chronicle.note(RESULT);
  chronicle.recovered();
  chronicle.recovered();
  assertEquals(events.map(({ type }) => type), ["journal.failed", "journal.recovered"]);
});

Deno.test("what is thrown that is no error is told in its own words", async () => {
  const { events } = setUp();
  const { memory } = new Book();
  const journal = { memory, write: () => Promise.reject("odd"), hasServed: () => false };
  const chronicle = new Chronicle(journal, (event) => events.push(event));
  await chronicle.note(RESULT);
  assertEquals([chronicle.problem, events.length], ["odd", 1]);
});

Deno.test("it can be waited for that everything is durable, after trouble, too", async () => {
  const { book, chronicle } = setUp();
  chronicle.note(RESULT);
  await chronicle.settled();
  await chronicle.recovery();
  book.problem = "disk full";
  chronicle.note(RESULT);
  await chronicle.settled();
  assertEquals(chronicle.problem, "disk full");
  let isWell = false;
  const recovery = chronicle.recovery().then(() => isWell = true);
  await chronicle.note(RESULT);
  assertEquals(isWell, false);
  book.problem = null;
  await chronicle.note(RESULT);
  await recovery;
  assertEquals(isWell, true);
});

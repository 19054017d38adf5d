import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import { NO_SETTINGS, type Settings } from "../../../src/roll/journal.ts";
import { Preferences } from "../../../src/roll/preferences.ts";
import { Book } from "./book.ts";

function setUp(settings: Partial<Settings> = {}) {
  const events: RollEvent[] = [];
  const all = { ...NO_SETTINGS, ...settings };
  const book = new Book({ settings: all });
  const observe = (event: RollEvent) => void events.push(event);
  const chronicle = new Chronicle(book, observe);
  const preferences = new Preferences(all, chronicle, observe);
  const told = () => events.flatMap((event) => event.type === "setting" ? [event.what] : []);
  return { book, preferences, events, told };
}

/** Lets everything that is under way come to its end. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}

Deno.test("what people asked for in a former life still holds", () => {
  const { preferences } = setUp({ paused: true, skipped: ["v1"] });
  assertEquals(preferences.now, { ...NO_SETTINGS, paused: true, skipped: ["v1"] });
});

Deno.test("G1 a change is written down first, and holds and is told after that", async () => {
  const { preferences, book, events } = setUp();
  const done = preferences.change("pinned", { pinned: "v1" }, "v1");
  assertEquals([preferences.now.pinned, events], [null, []]);
  await done;
  assertEquals(book.of("settings.changed").map(({ settings }) => settings.pinned), ["v1"]);
  assertEquals(preferences.now.pinned, "v1");
  assertEquals(events, [{ type: "setting", what: "pinned", detail: "v1" }]);
});

Deno.test("a change that cannot be written down is an error, and nothing has changed", async () => {
  const { preferences, book, told } = setUp();
  book.problem = "disk full";
  await assertRejects(() => preferences.change("paused", { paused: true }), Error, "disk full");
  await assertRejects(() => preferences.skip("v1"), Error, "disk full");
  assertEquals([preferences.now, told()], [NO_SETTINGS, []]);
});

Deno.test("a change that was refused does not hold in the next life either", async () => {
  const { preferences, book } = setUp();
  book.problem = "disk full";
  await assertRejects(() => preferences.change("paused", { paused: true }), Error, "disk full");
  assertEquals(book.next.settings, NO_SETTINGS);
});

Deno.test("after a change that failed the next one is made as if nothing had happened", async () => {
  const { preferences, book } = setUp();
  book.problem = "disk full";
  const first = assertRejects(() => preferences.change("paused", { paused: true }));
  await settle();
  book.problem = null;
  await Promise.all([first, preferences.skip("v1")]);
  assertEquals(preferences.now, { ...NO_SETTINGS, skipped: ["v1"] });
  assertEquals(book.next.settings, preferences.now);
});

Deno.test("what has to hold in any case holds at once, even if it cannot be written down", async () => {
  const { preferences, book, told } = setUp();
  book.problem = "disk full";
  preferences.changeAnyway("held", { held: true });
  preferences.skipAnyway("v1", "v1: rolled back to v0");
  assertEquals([preferences.now.held, preferences.now.skipped], [true, ["v1"]]);
  assertEquals(told(), ["held", "skipped"]);
  await settle();
  assertEquals(book.next.settings, preferences.now);
});

Deno.test("a change that was waiting does not undo what was done at once meanwhile", async () => {
  const { preferences, book } = setUp();
  const slow = preferences.change("paused", { paused: true });
  preferences.changeAnyway("held", { held: true });
  preferences.want("v1");
  await slow;
  await settle();
  assertEquals([preferences.now.paused, preferences.now.held], [true, true]);
  assertEquals(book.next.settings, preferences.now);
});

Deno.test("what is done at once while a change is being written down is not undone by it", async () => {
  const { preferences, book } = setUp({ skipped: ["v1"] });
  const { write } = book;
  book.write = (entry) => {
    book.write = write;
    preferences.changeAnyway("held", { held: true });
    preferences.want("v1");
    return book.write(entry);
  };
  await preferences.skip("v2");
  await settle();
  assertEquals(preferences.now, { ...NO_SETTINGS, held: true, skipped: ["v2"] });
  assertEquals(book.next.settings, preferences.now);
});

Deno.test("two changes at once are made one after the other, and both hold", async () => {
  const { preferences, book } = setUp();
  await Promise.all([
    preferences.skip("v1"),
    preferences.skip("v2"),
    preferences.change("pinned", { pinned: "v3" }, "v3"),
  ]);
  assertEquals([preferences.now.skipped, preferences.now.pinned], [["v1", "v2"], "v3"]);
  assertEquals(book.next.settings, preferences.now);
});

Deno.test("a version that is skipped again is the newest skipped, and there once", async () => {
  const { preferences } = setUp({ skipped: ["v1", "v2"] });
  await preferences.skip("v1");
  assertEquals(preferences.now.skipped, ["v2", "v1"]);
});

Deno.test("a hundred skipped versions are remembered, the oldest is forgotten first", async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `v${index}`);
  const { preferences } = setUp({ skipped: ids });
  await preferences.skip("v100");
  assertEquals([preferences.now.skipped.length, preferences.now.skipped[0]], [100, "v1"]);
});

for (
  const [what, id, left] of [
    ["one of them", "v1", ["v2"]],
    ["all of them", null, []],
    ["one that is not skipped: nothing is written", "v9", ["v1", "v2"]],
  ] as const
) {
  Deno.test(`a skipped version that is wanted after all, ${what}`, async () => {
    const { preferences, book, told } = setUp({ skipped: ["v1", "v2"] });
    preferences.want(id);
    assertEquals(preferences.now.skipped, left);
    await settle();
    assertEquals(book.lines.length, left.length === 2 ? 0 : 1);
    assertEquals(told(), []);
  });
}

Deno.test("nothing skipped and everything wanted writes nothing", async () => {
  const { preferences, book } = setUp();
  preferences.want(null);
  await settle();
  assertEquals(book.lines, []);
});

/** One thing that is asked for. */
const DEEDS = fc.oneof(
  fc.record({ do: fc.constant("skip" as const), id: fc.constantFrom("v1", "v2", "v3") }),
  fc.record({ do: fc.constant("skipAnyway" as const), id: fc.constantFrom("v1", "v2", "v3") }),
  fc.record({ do: fc.constant("want" as const), id: fc.constantFrom("v1", "v2", null) }),
  fc.record({ do: fc.constant("pause" as const), paused: fc.boolean() }),
  fc.record({ do: fc.constant("hold" as const), held: fc.boolean() }),
  fc.record({ do: fc.constant("pin" as const), pinned: fc.constantFrom("v1", null) }),
  fc.record({ do: fc.constant("fail" as const), problem: fc.constantFrom("disk full", null) }),
  fc.record({ do: fc.constant("settle" as const) }),
);

Deno.test("whatever is asked for in whatever order, the journal tells what holds in the end", async () => {
  await fc.assert(fc.asyncProperty(fc.array(DEEDS, { maxLength: 30 }), async (deeds) => {
    const { preferences, book } = setUp();
    const pending: Promise<unknown>[] = [];
    for (const deed of deeds) {
      if (deed.do === "skip") pending.push(preferences.skip(deed.id));
      if (deed.do === "skipAnyway") preferences.skipAnyway(deed.id, "");
      if (deed.do === "want") preferences.want(deed.id);
      if (deed.do === "pause") pending.push(preferences.change("paused", { paused: deed.paused }));
      if (deed.do === "hold") preferences.changeAnyway("held", { held: deed.held });
      if (deed.do === "pin") pending.push(preferences.change("pinned", { pinned: deed.pinned }));
      if (deed.do === "fail") book.problem = deed.problem;
      if (deed.do === "settle") await settle();
      pending.at(-1)?.catch(() => {});
    }
    await Promise.allSettled(pending);
    await settle();
    const { skipped } = preferences.now;
    assertEquals(new Set(skipped).size, skipped.length);
    assertEquals(book.next.settings, preferences.now);
  }));
});

Deno.test("the end waits for what is asked for while it waits, too", async () => {
  const { preferences } = setUp();
  let isAnswered = false;
  const first = preferences.change("paused", { paused: true });
  const end = preferences.idle();
  first.then(() => preferences.change("pinned", { pinned: "v1" })).then(() => isAnswered = true);
  await end;
  assertEquals(isAnswered, true);
});

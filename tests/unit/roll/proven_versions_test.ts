import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { ProvenVersions } from "../../../src/roll/proven_versions.ts";
import { Book } from "./book.ts";

function setUp(ids: readonly string[] = []) {
  const book = new Book({ proven: ids });
  const chronicle = new Chronicle(book, () => {});
  const proven = new ProvenVersions(ids, chronicle, () => 42);
  return { book, proven };
}

Deno.test("at first nothing is proven, and there is nothing to go back to", () => {
  const { proven } = setUp();
  assertEquals([proven.newest, proven.has("v1"), proven.before([])], [null, false, null]);
});

Deno.test("a version that proves itself is written down with the time, once", () => {
  const { proven, book } = setUp(["v1"]);
  for (const id of ["v2", "v2"]) proven.add(id);
  assertEquals(book.lines, [{ step: "version.proven", id: "v2", at: 42 }]);
});

Deno.test("a version that proves itself again becomes the newest, and is still there only once", () => {
  const { proven, book } = setUp(["v1", "v2"]);
  proven.add("v1");
  assertEquals(proven.newest, "v1");
  assertEquals([proven.before(["v1"]), proven.before(["v1", "v2"])], ["v2", null]);
  assertEquals(book.next.proven, ["v2", "v1"]);
});

for (
  const [what, excluded, expected] of [
    ["nothing excluded", [], "v3"],
    ["what runs", ["v3"], "v2"],
    ["what runs was never proven", ["v9"], "v3"],
    ["nothing runs", [null], "v3"],
    ["what runs, and what is skipped", ["v3", "v2"], "v1"],
    ["everything", ["v1", "v2", "v3"], null],
  ] as const
) {
  Deno.test(`the version before, ${what}: ${expected}`, () => {
    assertEquals(setUp(["v1", "v2", "v3"]).proven.before(excluded), expected);
  });
}

Deno.test("order and uniqueness: the newest last, each once, twenty at most, as the journal has it", () => {
  const ids = fc.array(fc.integer({ min: 1, max: 30 }).map((n) => `v${n}`), {
    maxLength: 80,
    size: "max",
  });
  fc.assert(fc.property(ids, (added) => {
    const { proven, book } = setUp();
    for (const id of added) proven.add(id);
    const newestFirst = [...new Set(added.toReversed())];
    const remembered: string[] = [];
    for (let id = proven.before([]); id !== null; id = proven.before(remembered)) {
      remembered.push(id);
    }
    assertEquals(remembered, newestFirst.slice(0, 20));
    assertEquals(book.next.proven.toReversed(), remembered);
    assertEquals(proven.newest, newestFirst[0] ?? null);
    for (const id of added) assertEquals(proven.has(id), remembered.includes(id));
  }));
});

Deno.test("twenty are remembered, the oldest is forgotten first", () => {
  const { proven } = setUp(Array.from({ length: 20 }, (_, index) => `v${index}`));
  proven.add("v20");
  assertEquals([proven.has("v0"), proven.has("v1")], [false, true]);
});

Deno.test("what cannot be written down is proven all the same", async () => {
  const { proven, book } = setUp(["v1"]);
  book.problem = "disk full";
  proven.add("v2");
  await Promise.resolve();
  assert(proven.has("v2"));
});

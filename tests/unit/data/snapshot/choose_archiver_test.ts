import { assertEquals, assertThrows } from "@std/assert";
import { SnapshotError } from "../../../../src/data/snapshot/archiver.ts";
import { chooseArchiver } from "../../../../src/data/snapshot/choose_archiver.ts";
import { FakeArchiver } from "./fake_archiver.ts";

const HOST = new FakeArchiver();
const PROGRAMS = "tar, du and zstd or gzip are not installed";

const mount = (directory: string | null) =>
  [{ type: "volume", name: "data", target: "/d", directory }] as const;

Deno.test("chooseArchiver() takes ourselves where we can get at everything", () => {
  assertEquals(chooseArchiver(mount("/v"), { host: HOST, isRoot: true }), HOST);
});

const LACKS: readonly [root: boolean, tools: boolean, here: boolean, lacks: string][] = [
  [false, true, true, "liveroll is not root"],
  [true, false, true, PROGRAMS],
  [true, true, false, "data cannot be found on this host"],
  [false, false, false, `liveroll is not root, ${PROGRAMS}, data cannot be found on this host`],
];

for (const [isRoot, tools, here, lacks] of LACKS) {
  Deno.test(`chooseArchiver() says what is lacking, and what would help: ${lacks}`, () => {
    const choose = () =>
      chooseArchiver(mount(here ? "/v" : null), { host: tools ? HOST : null, isRoot });
    assertEquals(
      assertThrows(choose, SnapshotError).message,
      `Cannot take a snapshot: ${lacks}; use --snapshot command:CMD with a command that prints ` +
        "the data",
    );
  });
}

import { assertEquals, assertThrows } from "@std/assert";
import { SnapshotError } from "../../../../src/compose/snapshot/archiver.ts";
import { chooseArchiver } from "../../../../src/compose/snapshot/choose_archiver.ts";
import { FakeArchiver } from "./fake_archiver.ts";

const HOST = new FakeArchiver("host");
const CONTAINER = new FakeArchiver("container");

const mount = (directory: string | null) =>
  [{ type: "volume", name: "data", target: "/d", directory }] as const;

const CHOICES: readonly [
  root: boolean,
  tools: boolean,
  here: boolean,
  tar: boolean,
  who: string,
][] = [
  [true, true, true, true, "host"],
  [true, true, true, false, "host"],
  [false, true, true, true, "container"],
  [true, false, true, true, "container"],
  [true, true, false, true, "container"],
];

for (const [isRoot, tools, here, imageHasTar, who] of CHOICES) {
  const facts =
    `root ${isRoot}, programs ${tools}, on this host ${here}, tar in the image ${imageHasTar}`;
  Deno.test(`chooseArchiver() takes the ${who}: ${facts}`, () => {
    const host = tools ? HOST : null;
    const choice = { host, container: CONTAINER, isRoot, imageHasTar };
    assertEquals(chooseArchiver(mount(here ? "/v" : null), choice).method, who);
  });
}

Deno.test("chooseArchiver() says what everybody lacks, and what would help", () => {
  const nothing = { host: null, container: CONTAINER, isRoot: false, imageHasTar: false };
  const error = assertThrows(() => chooseArchiver(mount(null), nothing), SnapshotError);
  assertEquals(
    error.message,
    "Cannot take a snapshot: liveroll is not root, tar, du and zstd or gzip are not installed, data " +
      "cannot be found on this host, and the image has no tar; use --snapshot command:CMD with a " +
      "command that prints the data",
  );
});

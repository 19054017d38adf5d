import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import type { ExtractLimits } from "../../../../src/artifact/extract/limits.ts";
import { ArtifactRefusedError } from "../../../../src/artifact/refused.ts";
import {
  directory,
  file,
  hardlink,
  type MadeEntry,
  paxRecord,
  symlink,
  tarGz,
} from "../../../helpers/archives.ts";
import { zip, type ZipEntry } from "../../../helpers/archives_zip.ts";
import { Workbench } from "./workbench.ts";

/** An archive that must not be extracted. */
interface Hostile {
  readonly what: string;
  readonly entries: readonly ZipEntry[];
  /** A part of the message; the name of the entry most of all. */
  readonly says: string;
  readonly in?: readonly ("tar" | "zip")[];
  readonly limits?: Partial<ExtractLimits>;
}

const BOTH = ["tar", "zip"] as const;
const MIB = 1024 * 1024;

const HOSTILE: readonly Hostile[] = [
  { what: "a name that goes up", entries: [file("../evil")], says: `"../evil" would leave` },
  { what: "a name that goes up later", entries: [file("a/../../evil")], says: "a/../../evil" },
  {
    what: "a name that goes up and comes back",
    entries: [file("a/../b")],
    says: `"a/../b" would leave`,
  },
  { what: "a directory above", entries: [directory("../")], says: `"../" would leave` },
  { what: "an absolute name", entries: [file("/tmp/evil")], says: `"/tmp/evil" has an absolute` },
  { what: "an absolute directory", entries: [directory("/evil/")], says: "absolute" },
  { what: "a name with a NUL", entries: [file("a\0b")], says: "a\\u0000b", in: ["zip"] },
  { what: "a name with a newline", entries: [file("a\nb")], says: "a\\nb" },
  { what: "a name with an escape", entries: [file("a\u001b[2Jb")], says: "control character" },
  { what: "no name", entries: [file("")], says: "has no name" },
  { what: "a name of nothing but dots", entries: [file("././.")], says: "no name of its own" },
  { what: "too long a name", entries: [file("n".repeat(256))], says: "too long", in: ["zip"] },
  { what: "a Windows path", entries: [file("dir\\a")], says: "backslash", in: ["zip"] },
  {
    what: "a link to an absolute path",
    entries: [symlink("link", "/etc/passwd")],
    says: `"link" is a link to "/etc/passwd"`,
  },
  { what: "a link out", entries: [symlink("link", "..")], says: "outside" },
  { what: "a link out from below", entries: [symlink("a/b/l", "../../../x")], says: "outside" },
  {
    what: "a link out by way of another link",
    entries: [directory("d/e"), symlink("d/e/up", "../.."), symlink("out", "d/e/up/../secret")],
    says: `"out" is a link`,
  },
  { what: "a link to nothing", entries: [symlink("link", "")], says: `"link"`, in: ["zip"] },
  {
    what: "a file through a link",
    entries: [directory("real"), symlink("link", "real"), file("link/evil")],
    says: `"link/evil" lies below "link", which is a symlink`,
  },
  {
    what: "a directory through a link",
    entries: [directory("real"), symlink("link", "real"), directory("link/x/")],
    says: "lies below",
  },
  {
    what: "a link through a link",
    entries: [directory("a/b"), symlink("link", "a/b"), symlink("link/up", "../x")],
    says: "lies below",
  },
  {
    what: "a file over a link",
    entries: [file("real"), symlink("link", "real"), file("link", "evil")],
    says: `"link" is there twice: as a symlink, then as a file`,
  },
  {
    what: "a directory over a link",
    entries: [directory("real"), symlink("link", "real"), directory("link/")],
    says: "twice",
  },
  {
    what: "a hard link out",
    entries: [hardlink("link", "../../secret")],
    says: "would leave",
    in: ["tar"],
  },
  {
    what: "a hard link to an absolute path",
    entries: [hardlink("link", "/etc/passwd")],
    says: "absolute",
    in: ["tar"],
  },
  {
    what: "a hard link to what is not there",
    entries: [hardlink("link", "later"), file("later")],
    says: `"link" is a hard link to "later", no file`,
    in: ["tar"],
  },
  {
    what: "a hard link to a link",
    entries: [symlink("a", "b"), hardlink("link", "a")],
    says: "no file",
    in: ["tar"],
  },
  {
    what: "a hard link through a link",
    entries: [file("d/f"), symlink("l", "d"), hardlink("link", "l/f")],
    says: "no file",
    in: ["tar"],
  },
  {
    what: "a hard link to itself",
    entries: [hardlink("link", "link")],
    says: "no file",
    in: ["tar"],
  },
  {
    what: "a hard link with content",
    entries: [file("a"), { name: "l", type: "1", target: "a", content: "x" }],
    says: "has content",
    in: ["tar"],
  },
  {
    what: "a directory with content",
    entries: [{ name: "d/", type: "5", content: "x" }],
    says: "has content",
  },
  { what: "a device", entries: [{ name: "dev", type: "3" }], says: `"dev" is a` },
  { what: "a block device", entries: [{ name: "b", type: "4" }], says: "block", in: ["tar"] },
  { what: "a named pipe", entries: [{ name: "pipe", type: "6" }], says: `"pipe" is a` },
  { what: "a sparse file", entries: [{ name: "s", type: "S" }], says: "sparse", in: ["tar"] },
  {
    what: "a sparse file in attributes",
    entries: [
      { name: "x", type: "x", content: paxRecord("GNU.sparse.major", "1") },
      file("sparse", "map"),
    ],
    says: "sparse",
    in: ["tar"],
  },
  { what: "an unknown type", entries: [{ name: "v", type: "V" }], says: `type "V"`, in: ["tar"] },
  {
    what: "a name in attributes that goes up",
    entries: [{ name: "x", type: "x", content: paxRecord("path", "../evil") }, file("fine")],
    says: "../evil",
    in: ["tar"],
  },
  {
    what: "a long name that goes up",
    entries: [{ name: "L", type: "L", content: "../evil\0" }, file("fine")],
    says: "../evil",
    in: ["tar"],
  },
  {
    what: "a link in attributes that goes up",
    entries: [
      { name: "x", type: "x", content: paxRecord("linkpath", "../../secret") },
      symlink("l", "fine"),
    ],
    says: "outside",
    in: ["tar"],
  },
  {
    what: "a name for all entries",
    entries: [{ name: "g", type: "g", content: paxRecord("path", "a") }, file("b")],
    says: "for all entries",
    in: ["tar"],
  },
  {
    what: "broken attributes",
    entries: [{ name: "x", type: "x", content: "99 path=a\n" }, file("b")],
    says: "broken extended",
    in: ["tar"],
  },
  {
    what: "endless attributes",
    entries: [{ name: "x", type: "x", content: "", claimedSize: 2 * MIB }],
    says: "more than 1 MiB",
    in: ["tar"],
  },
  {
    what: "a name that is not UTF-8",
    entries: [
      { name: "x", type: "L", content: Uint8Array.of(0x61, 0xff, 0x62, 0) },
      file("fine"),
    ],
    says: "not UTF-8",
    in: ["tar"],
  },
  { what: "the same file twice", entries: [file("a"), file("b"), file("a")], says: `"a" is there` },
  { what: "the same in other words", entries: [file("a"), file("./a")], says: "twice" },
  { what: "names that differ by case", entries: [file("a/B"), file("a/b")], says: "by case" },
  { what: "directories that do", entries: [file("Lib/a"), file("lib/b")], says: "case differs" },
  {
    what: "names that differ by how they are composed",
    entries: [file("\u00e9"), file("e\u0301")],
    says: "only by case",
  },
  { what: "a directory over a file", entries: [file("a"), directory("a/")], says: "twice" },
  { what: "a file over a directory", entries: [directory("a/"), file("a")], says: "twice" },
  { what: "a file over a way", entries: [file("a/b"), file("a")], says: "twice" },
  { what: "a file below a file", entries: [file("a"), file("a/b")], says: `below "a"` },
  {
    what: "too many entries",
    entries: [file("a"), file("b"), file("c")],
    says: "more than 2 entries",
    limits: { maxEntries: 2 },
  },
  {
    what: "too many bytes",
    entries: [file("a", "x".repeat(20_000))],
    says: "more than 10000 bytes",
    limits: { maxBytes: 10_000 },
  },
  {
    what: "a bomb",
    entries: [file("a", new Uint8Array(65 * MIB))],
    says: "times as large",
  },
  {
    what: "a file that is cut off",
    entries: [{ ...file("a", "x".repeat(600)), claimedSize: 9000 }],
    says: `"a" is cut off`,
    in: ["tar"],
  },
  {
    what: "a file that is longer than it says",
    entries: [{ ...file("a", "x".repeat(600)), claimedSize: 10 }],
    says: `"a" is longer`,
    in: ["zip"],
  },
  {
    what: "a file that is shorter than it says",
    entries: [{ ...file("a", "x".repeat(600)), claimedSize: 601 }],
    says: `"a" is shorter`,
    in: ["zip"],
  },
  {
    what: "a wrong checksum",
    entries: [{ ...file("a", "content"), crc: 1 }],
    says: `"a" does not match`,
    in: ["zip"],
  },
  {
    what: "an encrypted file",
    entries: [{ ...file("a", "content"), flags: 1 }],
    says: `"a" is encrypted`,
    in: ["zip"],
  },
  {
    what: "an unknown compression",
    entries: [{ ...file("a", "content"), method: 99 }],
    says: "not supported (99)",
    in: ["zip"],
  },
  {
    what: "a file with the name of a directory",
    entries: [file("a/", "content")],
    says: "name of a directory",
    in: ["zip"],
  },
];

for (const { what, entries, says, limits, in: kinds = BOTH } of HOSTILE) {
  for (const kind of kinds) {
    Deno.test(`extract() refuses ${what} in a ${kind} archive, and leaves nothing behind`, async () => {
      using bench = new Workbench();
      // What came before it was fine.
      const all: MadeEntry[] = [file("first/good", "fine"), ...entries];
      const bytes = kind === "tar" ? tarGz(all) : zip(all);
      const name = kind === "tar" ? "app.tar.gz" : "app.zip";
      const options = limits === undefined ? {} : { limits };
      const outcome = await bench.extract(name, bytes, options).catch((error) => error);
      assertInstanceOf(outcome, ArtifactRefusedError, String(outcome));
      assertStringIncludes(outcome.message, says);
      assertEquals(bench.leftovers(), []);
    });
  }
}

Deno.test("extract() takes what zip archives may have: descriptors, 64 bits, DOS, no compression", async () => {
  using bench = new Workbench();
  const entries: ZipEntry[] = [
    { ...file("streamed", "content ".repeat(100), 0o755), hasDescriptor: true },
    { ...file("wide", "wide"), isZip64: true },
    { ...file("dos.txt", "dos"), host: 0 },
    { ...directory("dos/"), host: 0 },
    { ...file("stored", "stored"), method: 0 },
    symlink("bin/link", "../wide"),
    directory("closed/", 0o500),
  ];
  await bench.extract("app.zip", zip(entries));
  assertEquals(bench.read("streamed"), "content ".repeat(100));
  assertEquals(bench.mode("streamed"), 0o755);
  assertEquals(bench.read("bin/link"), "wide");
  assertEquals(bench.read("dos.txt"), "dos");
  assertEquals(bench.mode("dos.txt"), 0o644);
  assertEquals(bench.mode("dos"), 0o755);
  assertEquals(bench.read("stored"), "stored");
  assertEquals(bench.mode("closed"), 0o700);
});

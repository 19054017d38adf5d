import { assertEquals } from "@std/assert";
import { findHostArchiver } from "../../../../src/data/snapshot/find_archivers.ts";
import { StandIns } from "../../compose/program/stand_in.ts";

const GNU = "echo 'it (GNU something) 1.34'";

/** What is installed; what is found. */
const HOSTS: readonly [programs: Record<string, string>, suffix: string | null][] = [
  [{ tar: GNU, du: GNU, sync: GNU, zstd: "echo zstd", gzip: "echo gzip" }, ".tar.zst"],
  [{ tar: GNU, du: GNU, sync: GNU, gzip: "echo gzip" }, ".tar.gz"],
  [{ tar: GNU, du: GNU, sync: GNU }, null],
  [{ tar: GNU, du: GNU, gzip: "echo gzip" }, null],
  [{ tar: "echo 'tar (busybox) 1.35'", du: GNU, sync: GNU, gzip: "echo gzip" }, null],
  [{ tar: "echo 'bsdtar 3.6.2'", du: GNU, sync: GNU, gzip: "echo gzip" }, null],
  [{}, null],
];

for (const [programs, suffix] of HOSTS) {
  const names = Object.keys(programs).join(", ") || "nothing";
  const tar = programs.tar === GNU ? "GNU" : programs.tar;
  Deno.test(`findHostArchiver() makes ${suffix} where ${names} is installed (tar: ${tar})`, async () => {
    using standIns = new StandIns();
    for (const [name, script] of Object.entries(programs)) standIns.add(name, script);
    assertEquals((await findHostArchiver(standIns.env))?.suffix ?? null, suffix);
  });
}

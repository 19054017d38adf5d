import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { assertNotNewer, databasePath, readDatabase } from "../../../src/state/database.ts";
import { SqliteJournal } from "../../../src/state/sqlite_journal.ts";
import { began } from "./entries.ts";
import { TempDirectory } from "./temp_directory.ts";

/** Opens a journal. @returns What was set aside, and whether writing works. */
async function open(directory: string): Promise<{ aside: string[]; lastRoll: number }> {
  const aside: string[] = [];
  using journal = SqliteJournal.open(directory, { onSetAside: (path) => aside.push(path) });
  const { lastRoll } = journal.memory;
  await journal.write({ step: "version.seen", id: "v", at: 1 });
  return { aside, lastRoll };
}

async function healthy(directory: string): Promise<Uint8Array> {
  using journal = SqliteJournal.open(directory, { onSetAside() {} });
  for (let roll = 1; roll <= 30; roll++) await journal.write(began(roll));
  journal.db!.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return Deno.readFileSync(databasePath(directory));
}

Deno.test("a database that is none is set aside, whatever it is", async () => {
  const table: [string, (path: string) => void][] = [
    ["garbage", (path) => Deno.writeTextFileSync(path, "this is no database ".repeat(500))],
    ["a directory", (path) => Deno.mkdirSync(path)],
    ["of a newer liveroll", (path) => {
      const db = new DatabaseSync(path);
      db.exec("CREATE TABLE x (y); PRAGMA user_version=1000");
      db.close();
    }],
    ["another program's", (path) => {
      const db = new DatabaseSync(path);
      db.exec("CREATE TABLE facts (y); PRAGMA user_version=1");
      db.close();
    }],
  ];
  for (const [what, spoil] of table) {
    using dir = new TempDirectory();
    spoil(databasePath(dir.path));
    const { aside } = await open(dir.path);
    assertEquals(aside.length, 1, what);
    assert(Deno.statSync(aside[0]!), what);
    assertEquals((await open(dir.path)).aside, [], `${what}: the new one is good`);
  }
});

Deno.test("who takes over refuses a database of a newer liveroll, and nothing else", () => {
  using dir = new TempDirectory();
  assertNotNewer(dir.path);
  Deno.writeTextFileSync(databasePath(dir.path), "this is no database ".repeat(500));
  assertNotNewer(dir.path);
  Deno.removeSync(databasePath(dir.path));
  const db = new DatabaseSync(databasePath(dir.path));
  db.exec("CREATE TABLE facts (y); PRAGMA user_version=1");
  assertNotNewer(dir.path);
  db.exec("PRAGMA user_version=1000");
  db.close();
  assertThrows(() => assertNotNewer(dir.path), Error, "of a newer liveroll (schema 1000, this one");
});

Deno.test("an empty file is a new database", async () => {
  using dir = new TempDirectory();
  Deno.writeTextFileSync(databasePath(dir.path), "");
  assertEquals(await open(dir.path), { aside: [], lastRoll: 0 });
});

Deno.test("a database that was cut off or changed is used or set aside, never a crash", async () => {
  using source = new TempDirectory();
  const bytes = await healthy(source.path);
  const variants: Uint8Array[] = [];
  for (let length = 100; length < bytes.length; length += 1_733) {
    variants.push(bytes.slice(0, length));
  }
  for (let at = 0; at < bytes.length; at += 1_009) {
    const flipped = bytes.slice();
    flipped[at]! ^= 0xff;
    variants.push(flipped);
  }
  let used = 0;
  for (const variant of variants) {
    using dir = new TempDirectory();
    Deno.writeFileSync(databasePath(dir.path), variant);
    const { aside } = await open(dir.path);
    if (aside.length === 0) used++;
  }
  assert(used < variants.length, "something was noticed");
});

Deno.test("three damaged databases are kept, the newest ones", async () => {
  using dir = new TempDirectory();
  for (let i = 0; i < 5; i++) {
    Deno.writeTextFileSync(databasePath(dir.path), "garbage ".repeat(500) + i);
    for (const end of ["-wal", "-shm"]) {
      await Deno.remove(databasePath(dir.path) + end).catch(() => {});
    }
    await open(dir.path);
  }
  const kept = [...Deno.readDirSync(dir.path)].filter(({ name }) => name.includes("damaged"));
  assertEquals(kept.length, 3);
});

Deno.test("nobody else may read it", async () => {
  using dir = new TempDirectory();
  await open(dir.path);
  assertEquals(Deno.statSync(databasePath(dir.path)).mode! & 0o777, 0o600);
});

Deno.test("it can be read while another one writes, and after", async () => {
  using dir = new TempDirectory();
  const count = () => {
    const db = readDatabase(dir.path);
    const { n } = db.prepare("SELECT count(*) AS n FROM rolls").get() as { n: number };
    db.close();
    return n;
  };
  {
    using journal = SqliteJournal.open(dir.path, { onSetAside() {} });
    await journal.write(began(1));
    assertEquals(count(), 1);
  }
  assertEquals(count(), 1);
});

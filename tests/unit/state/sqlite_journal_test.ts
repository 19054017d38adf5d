import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { JournalError } from "../../../src/roll/journal.ts";
import { History } from "../../../src/state/history.ts";
import { Ledger } from "../../../src/state/ledger.ts";
import { SqliteJournal } from "../../../src/state/sqlite_journal.ts";
import { anyEntry, began, ended, instance } from "./entries.ts";
import { TempDirectory } from "./temp_directory.ts";

const REST = { durationMs: 5, lastLines: [] };

/** A journal that must not have to set anything aside. */
function openJournal(directory: string): SqliteJournal {
  return SqliteJournal.open(directory, {
    onSetAside: (path, why) => {
      throw new Error(`${path} was set aside: ${why}`);
    },
  });
}

Deno.test("what was written is remembered in the next life, whatever it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEntry, { maxLength: 40 }), async (entries) => {
      using dir = new TempDirectory();
      const ledger = new Ledger();
      {
        using journal = openJournal(dir.path);
        for (const entry of entries) {
          ledger.apply(entry);
          await journal.write(entry);
        }
      }
      using journal = openJournal(dir.path);
      const byRoll = ({ roll: a }: { roll: number }, { roll: b }: { roll: number }) => a - b;
      const expected = ledger.memory();
      assertEquals(journal.memory, {
        ...expected,
        unfinished: expected.unfinished.toSorted(byRoll),
      });
    }),
    { numRuns: 25, seed: 1 },
  );
});

Deno.test("history tells the newest roll first, with its phases, and counts how rolls ended", async () => {
  using dir = new TempDirectory();
  using journal = openJournal(dir.path);
  await journal.write(began(1));
  const phase = { name: "gate", startedAt: 1, durationMs: 2, outcome: "succeeded" } as const;
  await journal.write({ step: "phase.ended", roll: 1, phase });
  await journal.write(ended(1));
  // The instance that it displaced is gone only now.
  await journal.write({ step: "phase.ended", roll: 1, phase: { ...phase, name: "stop" } });
  await journal.write(began(2, "v2"));
  const history = new History(journal.db!);
  assertEquals(history.history({ limit: 10 }).map(({ roll }) => roll), [2, 1]);
  assertEquals(history.history({ limit: 1 }).map(({ roll }) => roll), [2]);
  assertEquals(history.roll(1)?.phases.map(({ name }) => name), ["gate", "stop"]);
  assertEquals(history.roll(3), null);
  assertEquals(history.counts(), {
    succeeded: 1,
    failed: 0,
    rolled_back: 0,
    interrupted: 0,
    skipped: 0,
  });
});

Deno.test("which version has served is remembered as long as rolls are, whatever its name", async () => {
  using dir = new TempDirectory();
  const odd = 'it\'s \u{1f600} "to":"v9"\\';
  {
    using journal = openJournal(dir.path);
    for (const [roll, id] of [[1, "v1"], [2, odd], [3, "v3"]] as const) {
      await journal.write(began(roll, id));
      if (roll < 3) await journal.write(ended(roll));
    }
    const detail = 'failed after "to":"v8"';
    await journal.write(began(4, "v5"));
    await journal.write({ step: "roll.ended", roll: 4, outcome: "failed", detail, ...REST });
  }
  using journal = openJournal(dir.path);
  const ids = ["v1", odd, "v3", "v5", "v8", "v9", "v", 'v1"'];
  assertEquals(ids.filter((id) => journal.hasServed(id)), ["v1", odd]);
});

Deno.test("restarts after crashes are forgotten before real rolls", async () => {
  using dir = new TempDirectory();
  using journal = openJournal(dir.path);
  await journal.write(began(1));
  await journal.write({ ...began(2), trigger: "crash" } as ReturnType<typeof began>);
  await journal.write(began(3_000));
  const rolls = new History(journal.db!).history({ limit: 10 }).map(({ roll }) => roll);
  assertEquals(rolls, [3_000, 1]);
});

Deno.test("what cannot be written goes along with the next entry that can", async () => {
  using dir = new TempDirectory();
  {
    using journal = openJournal(dir.path);
    await journal.write(began(1));
    journal.db!.exec("PRAGMA max_page_count=1");
    const rich = { ...instance(1), id: "x".repeat(100_000) };
    const error = await assertRejects(
      () => journal.write({ step: "instance.starting", instance: rich }),
      JournalError,
    );
    assertEquals(error.message, "database or disk is full");
    assertEquals(journal.problem, "database or disk is full");
    await assertRejects(() => journal.write(ended(1)), JournalError);
    assertEquals(journal.retry(), false);
    journal.db!.exec("PRAGMA max_page_count=100000");
    assertEquals([journal.retry(), journal.problem], [true, null]);
  }
  using journal = openJournal(dir.path);
  assertEquals(journal.memory.unfinished, []);
  assertEquals(journal.memory.instances.map(({ key }) => key), ["i1"]);
});

Deno.test("a database that is deleted while it is used is written anew", async () => {
  using dir = new TempDirectory();
  using journal = openJournal(dir.path);
  await journal.write(began(1));
  for (const file of [...Deno.readDirSync(dir.path)]) Deno.removeSync(`${dir.path}/${file.name}`);
  await journal.write({ step: "version.proven", id: "v1", at: 1 });
  using other = openJournal(dir.path);
  assertEquals(other.memory.proven, ["v1"]);
  assertEquals(other.memory.unfinished.map(({ roll }) => roll), [1]);
});

Deno.test("a directory in which nothing can be written is a problem, not an error", async () => {
  using dir = new TempDirectory();
  const journal = openJournal(`${dir.path}/not/there`);
  assert(journal.problem !== null);
  await assertRejects(() => journal.write(began(1)), JournalError);
  Deno.mkdirSync(`${dir.path}/not/there`, { recursive: true });
  assertEquals(journal.retry(), true);
  journal[Symbol.dispose]();
  using again = openJournal(`${dir.path}/not/there`);
  assertEquals(again.memory.unfinished.map(({ roll }) => roll), [1]);
});

Deno.test("every entry that was reported durable is there after kill -9", async () => {
  for (const [round, afterMs] of [40, 90, 150, 230].entries()) {
    using dir = new TempDirectory();
    const script = new URL("./writer.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--frozen", script, dir.path],
      stdout: "piped",
    }).spawn();
    const lines: string[] = [];
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader.read();
    lines.push(first.value ?? "");
    setTimeout(() => child.kill("SIGKILL"), afterMs);
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      lines.push(chunk.value);
    }
    await child.status;
    const reported = lines.join("").split("\n").slice(0, -1).map(Number);
    using journal = openJournal(dir.path);
    const last = reported.at(-1) ?? 0;
    assert(last > 0, `round ${round}: nothing was written`);
    const { lastRoll } = journal.memory;
    assert(lastRoll === last || lastRoll === last + 1, `${lastRoll} after ${last}`);
    const rolls = new History(journal.db!).history({ limit: 1e6 });
    assertEquals(rolls.length, lastRoll);
  }
});

Deno.test("a database that cannot be written to is still read, and nothing of it is lost", async () => {
  using dir = new TempDirectory();
  {
    using journal = openJournal(dir.path);
    await journal.write({ step: "version.proven", id: "v1", at: 1 });
  }
  // As on a full disk: it can be opened, but nothing can be changed.
  const { DatabaseSync } = await import("node:sqlite");
  const blocker = new DatabaseSync(`${dir.path}/liveroll.db`);
  blocker.exec("PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE");
  const journal = openJournal(dir.path);
  assert(journal.problem !== null);
  await assertRejects(
    () => journal.write({ step: "version.proven", id: "v2", at: 2 }),
    JournalError,
  );
  blocker.close();
  assertEquals(journal.retry(), true);
  journal[Symbol.dispose]();
  using again = openJournal(dir.path);
  assertEquals(again.memory.proven, ["v1", "v2"]);
});

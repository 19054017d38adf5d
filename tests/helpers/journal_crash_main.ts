/**
 * The real program with a way to die: when the journal is about to write the entry that the file
 * `TOY_CRASH_AT` describes, or has just written it, the process kills itself. Without the file it
 * lives as always.
 */
import { systemIo } from "../../src/commands/command.ts";
import { main } from "../../src/commands/mod.ts";
import type { JournalEntry } from "../../src/roll/journal.ts";
import { SqliteJournal } from "../../src/state/sqlite_journal.ts";
import { type CrashPoint, readCrashPoint } from "./journal_crash_point.ts";

const FILE = Deno.env.get("TOY_CRASH_AT") ?? "";
const write = SqliteJournal.prototype.write;

// What is written is durable as soon as the call returns, before its promise resolves.
SqliteJournal.prototype.write = function (this: SqliteJournal, entry: JournalEntry) {
  const point = readCrashPoint(FILE);
  if (isMeant(point, entry, "before")) die();
  const written = write.call(this, entry);
  if (isMeant(point, entry, "after")) die();
  return written;
};

function isMeant(point: CrashPoint | null, entry: JournalEntry, when: CrashPoint["when"]): boolean {
  if (point?.step !== entry.step || point.when !== when) return false;
  return point.phase === undefined ||
    entry.step === "phase.ended" && entry.phase.name === point.phase;
}

function die(): void {
  Deno.kill(Deno.pid, "SIGKILL");
}

Deno.exit(await main(Deno.args, systemIo()));

/** Writes entries for ever and tells which of them are durable; for tests that kill it. */
import { SqliteJournal } from "../../../src/state/sqlite_journal.ts";
import { began } from "./entries.ts";

using journal = SqliteJournal.open(Deno.args[0]!, { onSetAside() {} });
for (let roll = 1;; roll++) {
  await journal.write(began(roll));
  Deno.stdout.writeSync(new TextEncoder().encode(`${roll}\n`));
}

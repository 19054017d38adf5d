import type { HistoryEntry } from "../control/operator.ts";
import { EXIT } from "./exit_codes.ts";
import { orRecords } from "./or_records.ts";
import { printJson } from "./print/json.ts";
import { paintFor } from "./print/paint.ts";
import { table } from "./print/table.ts";
import { localTime, span } from "./print/time.ts";
import type { Talk } from "./talk.ts";

const HEADS = ["ROLL", "AT", "BY", "FROM", "TO", "OUTCOME", "TIME", "DETAIL"];
const FROM = HEADS.indexOf("FROM");
const TO = HEADS.indexOf("TO");
const DETAIL = HEADS.indexOf("DETAIL");

/** `liveroll history`: the last rolls, the newest at the bottom, where the eye is. */
export async function history(talk: Talk, { limit }: { limit: number }): Promise<number> {
  const { io, json } = talk;
  const rolls = await orRecords(
    talk,
    (client) => client.history(limit),
    (records) => records.history({ limit }),
  );
  if (json) {
    printJson(io, rolls);
    return EXIT.ok;
  }
  if (rolls.length === 0) io.out("no rolls yet");
  else for (const line of tableOf(rolls.toReversed(), talk)) io.out(line);
  return EXIT.ok;
}

function tableOf(rolls: readonly HistoryEntry[], { io }: Talk): string[] {
  const columns = io.stdout.columns();
  const shrink = [FROM, TO, DETAIL];
  const [head = "", ...lines] = table(HEADS, rolls.map(cells), { columns, shrink });
  return [paintFor(io, io.stdout).dim(head), ...lines];
}

function cells({ id, at, trigger, from, to, outcome, durationMs, detail }: HistoryEntry): string[] {
  return [
    String(id),
    localTime(at).slice(5, -3),
    trigger,
    from ?? "-",
    to,
    outcome?.replaceAll("_", " ") ?? "under way",
    durationMs === null ? "-" : span(durationMs),
    outcome === "succeeded" ? "" : detail,
  ];
}

import type { DataRecord } from "../../data/data_record.ts";
import { DataWork, type DataWorkOptions } from "../../data/data_work.ts";

/**
 * Everything that stands behind `--migrate` and `--snapshot`.
 *
 * @returns Null: neither is asked for.
 * @throws {Error} When neither is, but a change of the data is not over: nobody would heed it.
 */
export function dataWorkOf(options: DataWorkOptions): DataWork | null {
  const { migrations, snapshots, memory: { now } } = options;
  if (migrations !== null || snapshots !== null) return new DataWork(options);
  if (now === null) return null;
  throw new Error(
    `Cannot start anything on the data: ${whatIsWrong(now)}; ` +
      "give --migrate and --snapshot as they were, or see to the data: liveroll restore",
  );
}

function whatIsWrong({ stage, to, roll, detail }: DataRecord): string {
  return stage === "broken" ? detail : `it was being changed for ${to} in roll ${roll}`;
}

import { assert, assertEquals, assertThrows } from "@std/assert";
import { dataWorkOf } from "../../../../src/commands/run/data_parts.ts";
import { DATA_STAGES, type DataRecord } from "../../../../src/data/data_record.ts";
import type { Migrations } from "../../../../src/data/data_work.ts";
import { recordingLog } from "../../platform/recording_log.ts";

function work(now: DataRecord | null, migrations: Migrations | null = null) {
  const memory = { now, write: () => Promise.reject(new Error("nobody asked for that")) };
  return dataWorkOf({
    memory,
    migrations,
    snapshots: null,
    contract: "additive",
    writers: null,
    log: recordingLog(),
  });
}

const CHANGE = { roll: 7, from: "v1", to: "v2", snapshot: "s7", detail: "" };

Deno.test("what was begun with the data is not forgotten with the options for it", () => {
  for (const stage of DATA_STAGES.filter((one) => one !== "broken")) {
    const now = { ...CHANGE, stage };
    assertThrows(
      () => work(now),
      Error,
      "it was being changed for v2 in roll 7; give --migrate and",
    );
    assert(work(now, { forth: () => Promise.resolve() }) !== null);
  }
  const detail = "the data was changed for v2 and was not restored";
  assertThrows(() => work({ ...CHANGE, stage: "broken", detail }), Error, detail);
  assertEquals(work(null), null);
});

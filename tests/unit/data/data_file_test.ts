import { assertEquals, assertThrows } from "@std/assert";
import { DataFile } from "../../../src/data/data_file.ts";
import { DATA_STAGES, type DataRecord } from "../../../src/data/data_record.ts";

const RECORD: DataRecord = {
  roll: 3,
  from: null,
  to: "v2",
  stage: "saving",
  snapshot: null,
  detail: "",
};

async function withDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "liveroll-data-" });
  try {
    await work(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("a change of data is remembered at every stage, until it is over", () =>
  withDirectory(async (path) => {
    const file = DataFile.open(path);
    assertEquals(file.now, null);
    for (const stage of DATA_STAGES) {
      const record = { ...RECORD, stage, from: "v1", snapshot: "s", detail: "why" };
      await file.write(record);
      assertEquals(DataFile.open(path).now, record);
    }
    await file.write(null);
    await file.write(null);
    assertEquals(DataFile.open(path).now, null);
    assertEquals([...Deno.readDirSync(path)], []);
  }));

const DAMAGED: readonly [string, string][] = [
  ["empty", ""],
  ["half of it", '{"roll":3,"from":'],
  ["no object", "7"],
  ["another stage", JSON.stringify({ ...RECORD, stage: "sleeping" })],
  ["no version", JSON.stringify({ ...RECORD, to: null })],
  ["a roll that is no number", JSON.stringify({ ...RECORD, roll: "3" })],
];

for (const [name, text] of DAMAGED) {
  Deno.test(`a damaged record is no reason to start as if nothing had been: ${name}`, () =>
    withDirectory(async (path) => {
      await Deno.writeTextFile(`${path}/data.json`, text);
      assertThrows(() => DataFile.open(path), Error, `Cannot read ${path}/data.json`);
    }));
}

import { syncPath, writeDurably } from "../platform/durable.ts";
import { type DataMemory, type DataRecord, formatRecord, parseRecord } from "./data_record.ts";

const NAME = "data.json";

/** The change of data under way, in a file of the state directory. */
export class DataFile implements DataMemory {
  readonly #directory: string;
  #now: DataRecord | null;

  /**
   * @param directory The state directory.
   * @throws {Error} When there is a file that cannot be read: nobody knows then what the data is like.
   */
  static open(directory: string): DataFile {
    const path = `${directory}/${NAME}`;
    try {
      return new DataFile(directory, parseRecord(Deno.readTextFileSync(path)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new DataFile(directory, null);
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Cannot read ${path}: ${why}. It says whether data was being changed; remove it once you ` +
          "have seen to the data",
        { cause: error },
      );
    }
  }

  private constructor(directory: string, now: DataRecord | null) {
    this.#directory = directory;
    this.#now = now;
  }

  get now(): DataRecord | null {
    return this.#now;
  }

  async write(record: DataRecord | null): Promise<void> {
    this.#now = record;
    const path = `${this.#directory}/${NAME}`;
    if (record !== null) return await writeDurably(path, formatRecord(record));
    try {
      // A full disk cannot keep us from this.
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await syncPath(this.#directory);
  }
}

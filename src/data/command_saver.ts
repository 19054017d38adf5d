import type { Redact } from "../platform/output_tail.ts";
import type { DataChange } from "../roll/data_changes.ts";
import type { Collection, Demand, Saver } from "./saver.ts";
import { DUMP_SUFFIX, dumpByCommand } from "./snapshot/command_dump.ts";

/** What has to stay free for others. */
const MARGIN_BYTES = 64 * 1024 * 1024;

/** How commands of the operator save data and put it back. */
export interface CommandSaverOptions {
  /** Prints the data. */
  readonly save: string;
  /** Reads what {@linkcode CommandSaverOptions.save} has printed. */
  readonly restore: string;
  /** Where both are run. */
  readonly directory: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly redact: Redact;
}

/** Has a command print the data, for example that of a database server. */
export class CommandSaver implements Saver {
  readonly #options: CommandSaverOptions;

  constructor(options: CommandSaverOptions) {
    this.#options = options;
  }

  foresee(): Promise<Demand> {
    return Promise.resolve({ expectedBytes: null, marginBytes: MARGIN_BYTES });
  }

  collect({ from, to }: DataChange, signal: AbortSignal): Promise<Collection> {
    const { save, restore, directory, env, timeoutMs, redact } = this.#options;
    const all = { ...env, LIVEROLL_FROM_ID: from ?? "", LIVEROLL_TO_ID: to };
    const write = async (path: string) => {
      await dumpByCommand(path, save, { env: all, directory, timeoutMs, redact, signal });
      return [];
    };
    return Promise.resolve({
      method: "command",
      skipped: [],
      wayBack: { command: restore, directory },
      source: { suffix: DUMP_SUFFIX, expectedBytes: null, marginBytes: MARGIN_BYTES, write },
    });
  }
}

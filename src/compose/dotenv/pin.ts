import { syncPath, writeDurably } from "../../platform/durable.ts";
import { lookUpEnv } from "./edit.ts";
import { readEnvFile, textOf } from "./env_file.ts";
import { applyEnvChange, type EnvBackup, planEnvChange, restoreEnv } from "./swap.ts";

/** One variable of an environment file that names the version. */
export interface EnvPinOptions {
  /** Of the environment file, absolute. */
  readonly path: string;
  readonly key: string;
  /** Where what was there before is kept; it may hold secrets, so its directory is private. */
  readonly recordPath: string;
  /** Something that is worth to be looked at, but does not stand in the way. */
  warn(message: string): void;
}

/** The last change, written down before it is made. */
interface PinRecord {
  readonly backup: EnvBackup;
  /** Null: the variable had none. */
  readonly previous: string | null;
  readonly value: string;
}

/**
 * Lets a variable of an environment file name the version that is to run. The last change can be
 * taken back, to the last byte if nobody else has changed the file since; also after our end.
 */
export class EnvPin {
  readonly #options: EnvPinOptions;

  constructor(options: EnvPinOptions) {
    this.#options = options;
  }

  /** The value that counts now; null: there is none. @throws {Error} When it cannot be read. */
  async value(): Promise<string | null> {
    const { path, key } = this.#options;
    return lookUpEnv(textOf(await readEnvFile(path)), key).value;
  }

  /**
   * Makes the variable name `value`: by the bytes that were there before, where it did so before the
   * last change.
   *
   * @throws {Error} When the file cannot be read or written.
   */
  async set(value: string): Promise<void> {
    const record = await this.#read();
    if (record?.previous === value) return await this.#restore(record);
    const { path, key, recordPath, warn } = this.#options;
    if (await this.value() === value) return;
    const change = await planEnvChange(path, key, value);
    const { backup, before: { value: previous, lines } } = change;
    if (lines.length > 1) {
      warn(`${path} assigns ${key} in lines ${lines.join(", ")}: only the last one counts`);
    }
    await writeDurably(recordPath, `${JSON.stringify({ backup, previous, value })}\n`);
    await applyEnvChange(change);
  }

  /**
   * Takes the change to `value` back; nothing happens when that was not the last one.
   *
   * @throws {Error} When the file cannot be read or written.
   */
  async takeBack(value: string): Promise<void> {
    const record = await this.#read();
    if (record?.value === value) await this.#restore(record);
  }

  async #restore({ backup }: PinRecord): Promise<void> {
    const { path, key, recordPath, warn } = this.#options;
    if (await restoreEnv(backup) === "value_only") {
      warn(`${path} was changed by somebody else: only ${key} was put back`);
    }
    await Deno.remove(recordPath);
    await syncPath(recordPath.slice(0, recordPath.lastIndexOf("/")));
  }

  async #read(): Promise<PinRecord | null> {
    const { recordPath } = this.#options;
    try {
      return JSON.parse(await Deno.readTextFile(recordPath));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot read ${recordPath}: ${why}`, { cause: error });
    }
  }
}

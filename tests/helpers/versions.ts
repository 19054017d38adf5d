import config from "../../deno.json" with { type: "json" };
import { bundle } from "../../scripts/build.ts";

/** A version of liveroll that there is not: what a later one might do differently. */
export type Novelty = readonly [text: string, instead: string];

/** Says another version of itself. */
export function numbered(version: string): Novelty[] {
  return [[`version: "${config.version}"`, `version: "${version}"`]];
}

/** Speaks a later version of the hand-over, with keys that nobody knows yet. */
export const NEW_MESSAGES: readonly Novelty[] = [
  ["PROTOCOL_VERSION = 1;", "PROTOCOL_VERSION = 9;"],
  ["version: PROTOCOL_VERSION,", "version: PROTOCOL_VERSION, novelty: { any: ['thing'] },"],
];

/** Writes down what nobody knows yet, in tables that there are. */
export const NEW_FIELDS: readonly Novelty[] = [
  ["settings: ledger.settings,", "settings: { ...ledger.settings, novelty: true },"],
  [
    "...ledger.instances.values()",
    "...[...ledger.instances.values()].map((one) => ({ ...one, novelty: [one.id] }))",
  ],
];

/** Has one more table. */
export const NEW_SCHEMA: readonly Novelty[] = [
  [
    "CREATE INDEX rolls_by_trigger ON rolls (trigger, roll);`",
    "CREATE INDEX rolls_by_trigger ON rolls (trigger, roll);`, `CREATE TABLE novelty (x TEXT) STRICT;`",
  ],
];

/** Executable files of several versions of liveroll. */
export class Versions implements AsyncDisposable {
  readonly #directory: string;
  readonly #source: string;

  static async build(): Promise<Versions> {
    const directory = await Deno.makeTempDir({ prefix: "liveroll-versions-" });
    return new Versions(directory, await Deno.readTextFile(await bundle(directory)));
  }

  private constructor(directory: string, source: string) {
    this.#directory = directory;
    this.#source = source;
  }

  /** The path of one. @throws {Error} When the bundle does not say what is to be replaced. */
  make(name: string, ...novelties: Novelty[]): string {
    let text = this.#source;
    for (const [old, instead] of novelties) {
      if (!text.includes(old)) throw new Error(`Cannot make ${name}: no ${JSON.stringify(old)}`);
      text = text.replace(old, () => instead);
    }
    const path = `${this.#directory}/${name}.js`;
    Deno.writeTextFileSync(path, text);
    Deno.chmodSync(path, 0o755);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}

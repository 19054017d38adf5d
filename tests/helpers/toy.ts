import type { Behaviour } from "../apps/behaviour.ts";

export type { Behaviour } from "../apps/behaviour.ts";

const APPS = new URL("../apps/", import.meta.url).pathname;

/** Shell commands that run the toy app in each language. */
export const TOY_COMMANDS = {
  deno: `'${Deno.execPath()}' run -A --no-config --no-lock '${APPS}deno/app.ts'`,
  python: `python3 '${APPS}python/app.py'`,
  node: `node '${APPS}node/app.mjs'`,
} as const;

/** The languages of the toy app. */
export type ToyLanguage = keyof typeof TOY_COMMANDS;

/** A directory from which a source command reads the newest version, and apps their behaviour. */
export class ToyWorkspace implements Disposable {
  readonly dir: string = Deno.makeTempDirSync({ prefix: "liveroll-e2e-" });

  constructor() {
    Deno.mkdirSync(`${this.dir}/behaviour`);
  }

  /** Prints the id of the published version; fails before anything was published. */
  get idCommand(): string {
    return `cat '${this.dir}/version'`;
  }

  /** From now on `version` is the newest one, and behaves as told. */
  publish(version: string, behaviour: Behaviour = {}): void {
    this.setBehaviour(version, behaviour);
    Deno.writeTextFileSync(`${this.dir}/version.new`, version);
    Deno.renameSync(`${this.dir}/version.new`, `${this.dir}/version`);
  }

  /** How processes of `version` that start from now on will behave. */
  setBehaviour(version: string, behaviour: Behaviour): void {
    const name = version.replace(/[^A-Za-z0-9._-]/g, "_");
    Deno.writeTextFileSync(`${this.dir}/behaviour/${name}.json`, JSON.stringify(behaviour));
  }

  /** How many times the version counted a request at `/tally?name=`. */
  tally(name: string): string[] {
    try {
      return Deno.readTextFileSync(`${this.dir}/tally-${name}`).trim().split("\n");
    } catch {
      return [];
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

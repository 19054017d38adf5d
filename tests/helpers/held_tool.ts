import { poll } from "../../src/platform/poll.ts";
import { PATIENCE_MS } from "./event_log.ts";

/**
 * A program that stands still when it is told to, and works on when it is released, also when who
 * called it has died meanwhile.
 */
export class HeldTool implements Disposable {
  readonly #dir = Deno.makeTempDirSync({ prefix: "liveroll-held-" });
  /** With it before all others. */
  readonly path = `${this.#dir}:${Deno.env.get("PATH")}`;

  constructor(name: string) {
    const dir = this.#dir;
    const lines = [
      "#!/bin/sh",
      `PATH=\${PATH#${dir}:}`,
      // Only one call finds it.
      `if mv ${dir}/hold-"$1" ${dir}/held 2> /dev/null; then`,
      `  until [ -e ${dir}/released ]; do sleep 0.05; done`,
      `  rm ${dir}/released`,
      "fi",
      `exec ${name} "$@"`,
    ];
    Deno.writeTextFileSync(`${dir}/${name}`, lines.join("\n") + "\n", { mode: 0o755 });
  }

  /** The next call whose first word is `word` stands still. */
  hold(word: string): void {
    Deno.writeTextFileSync(`${this.#dir}/hold-${word}`, "");
  }

  /** Resolves when a call stands still. @throws {Error} When none does in time. */
  async isHeld(): Promise<void> {
    if (await poll(() => this.#has("held"), { timeoutMs: PATIENCE_MS })) return;
    throw new Error("Cannot see the tool be called");
  }

  /** It goes on. */
  release(): void {
    Deno.removeSync(`${this.#dir}/held`);
    Deno.writeTextFileSync(`${this.#dir}/released`, "");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#dir, { recursive: true });
  }

  #has(name: string): boolean {
    return [...Deno.readDirSync(this.#dir)].some((entry) => entry.name === name);
  }
}

import type { Log } from "../platform/log.ts";
import { type Source, SourceError } from "../roll/effects.ts";
import type { Catalog } from "./catalog.ts";
import type { Choice } from "./choice/choice.ts";
import { RegistryError } from "./registry.ts";

/** What a release source works with. */
export interface ReleaseSourceOptions {
  readonly catalog: Catalog;
  /** Monotonic time in milliseconds. */
  now(): number;
  /** Hears about releases that are not what they should be. */
  readonly log: Log;
}

/** Names the newest release of a registry by its tag. */
export class ReleaseSource implements Source {
  readonly #options: ReleaseSourceOptions;
  /** The registry has asked to be left alone until then. */
  #restUntil = 0;
  #told = "";

  constructor(options: ReleaseSourceOptions) {
    this.#options = options;
  }

  async latest(signal: AbortSignal, current: string | null): Promise<string> {
    this.#checkRest();
    try {
      const choice = await this.#options.catalog.newest(current, signal);
      this.#tell(choice);
      return this.#tagOf(choice, current);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failure(error);
    }
  }

  /** Requests end with their signal: nothing is left running. */
  idle(): Promise<void> {
    return Promise.resolve();
  }

  #tagOf(choice: Choice, current: string | null): string {
    switch (choice.outcome) {
      case "chosen":
        return choice.release.tag;
      case "downgrade_refused":
        return choice.current;
      case "waiting": {
        if (current !== null) return current;
        const until = new Date(choice.until).toISOString();
        throw new Error(`${choice.newest} has no ${what(choice.lack)} yet; waiting until ${until}`);
      }
      case "nothing":
        throw new Error(choice.detail);
    }
  }

  #failure(error: unknown): SourceError {
    if (error instanceof RegistryError && error.retryAfterMs !== null) {
      this.#restUntil = this.#options.now() + error.retryAfterMs;
    }
    const message = error instanceof Error ? error.message : String(error);
    return new SourceError("registry", message, { cause: error });
  }

  #checkRest(): void {
    const restMs = this.#restUntil - this.#options.now();
    if (restMs <= 0) return;
    const seconds = Math.ceil(restMs / 1000);
    throw new SourceError("registry", `The registry asks to be left alone for ${seconds} s more`);
  }

  /** What should not be is told once, not at every check. */
  #tell(choice: Choice): void {
    const lines = linesOf(choice);
    const told = JSON.stringify(lines);
    if (told !== this.#told) {
      for (const { level, text } of lines) this.#options.log[level](text);
    }
    this.#told = told;
  }
}

interface Line {
  readonly level: "info" | "warn";
  readonly text: string;
}

function linesOf(choice: Choice): Line[] {
  const lines: Line[] = [];
  for (const { tag, why, lack } of choice.passedOver) {
    const text = `${tag} has no ${what(lack)}`;
    if (why === "publishing") {
      lines.push({ level: "info", text: `${text} yet: it is being published` });
    }
    if (why === "incomplete") lines.push({ level: "warn", text: `${text} and is passed over` });
  }
  if (choice.outcome === "downgrade_refused") {
    const { newest, current } = choice;
    const text = `${newest} is older than ${current}, which runs: see --allow-downgrade`;
    lines.push({ level: "warn", text });
  }
  return lines;
}

function what(lack: string | undefined): string {
  return lack ?? "file for this machine";
}

import { freePorts } from "../lib/free_ports.ts";
import { Client } from "./client.ts";
import type { Input } from "./input.ts";
import { Liveroll } from "./liveroll.ts";
import { type Model, newModel, reduce } from "./model.ts";
import { eventLine, statusLine, summary } from "./plain.ts";
import { release, ReleaseDirectory } from "./releases.ts";
import { screen } from "./screen.ts";
import { Terminal, writeLine } from "./terminal.ts";

const DEFAULT_PUBLISH_MS = 4_000;
const FRAME_MS = 100;
const STATUS_MS = 2_000;
const STARTUP_MS = 60_000;
const CLIENT_GRACE_MS = 10_000;
const FIRST_START_GRACE_MS = 1_000;

/** How the demo is shown, and for how long. */
export interface DemoOptions {
  /** Lines instead of a picture. */
  plain: boolean;
  /** Time from the first answer to the end; null: until a signal. */
  durationMs: number | null;
  /** Time from one version to the next. @default {4000} */
  publishMs?: number;
  /** Ends it early. */
  signal: AbortSignal;
}

/** One demo: a liveroll, a client, something to roll, and somebody who watches. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #publishMs: number;
  readonly #over = new AbortController();
  #model: Model = newModel(Date.now());
  #published = 0;
  #ending = false;
  #publisher: ReturnType<typeof setInterval> | null = null;
  #limit: ReturnType<typeof setTimeout>;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#publishMs = options.publishMs ?? DEFAULT_PUBLISH_MS;
    this.#limit = setTimeout(() => this.#over.abort(), STARTUP_MS);
  }

  /** Runs until its time is up, a signal, or an accident; @returns the exit code. */
  async run(): Promise<number> {
    using directory = new ReleaseDirectory();
    const [port, ...childPorts] = freePorts(3) as [number, number, number];
    this.#publish(directory);
    const hear = (input: Input) => this.#hear(input, directory);
    const liveroll = new Liveroll({ port, childPorts, directory: directory.path }, hear);
    const client = new Client(port, (sample) => this.#hear({ kind: "sample", sample }, directory));
    let accident = false;
    try {
      using _ = this.#view(`http://127.0.0.1:${port}`);
      const ended = liveroll.ended.then(() => "ended");
      accident = await Promise.race([ended, this.#lasts(liveroll, client)]) === "ended";
      this.#ending = true;
      this.#stopClocks();
      await client.stop(this.#model.serving === null ? FIRST_START_GRACE_MS : CLIENT_GRACE_MS);
      await liveroll.stop();
    } finally {
      this.#stopClocks();
    }
    return this.#conclude(accident ? liveroll.lastWords : null);
  }

  /** Resolves when the demo should end. */
  async #lasts(liveroll: Liveroll, client: Client): Promise<"enough"> {
    const over = AbortSignal.any([this.#over.signal, this.#options.signal]);
    const { promise, resolve } = Promise.withResolvers<"enough">();
    over.addEventListener("abort", () => resolve("enough"), { once: true });
    if (over.aborted) resolve("enough");
    liveroll.listening.then(() => over.aborted || client.start());
    return await promise;
  }

  #hear(input: Input, directory: ReleaseDirectory): void {
    this.#model = reduce(this.#model, input);
    if (this.#options.plain) {
      const line = eventLine(this.#model, input);
      if (line !== null) this.#say(line);
    }
    if (this.#publisher !== null || this.#ending) return;
    if (this.#model.serving !== null) this.#goOn(directory);
  }

  /** The first version serves: the others follow, and the time runs. */
  #goOn(directory: ReleaseDirectory): void {
    clearTimeout(this.#limit);
    const { durationMs } = this.#options;
    if (durationMs !== null) this.#limit = setTimeout(() => this.#over.abort(), durationMs);
    this.#publisher = setInterval(() => this.#publish(directory), this.#publishMs);
  }

  #publish(directory: ReleaseDirectory): void {
    const next = release(++this.#published);
    directory.publish(next);
    this.#hear({ kind: "published", at: Date.now(), release: next }, directory);
  }

  #stopClocks(): void {
    clearTimeout(this.#limit);
    if (this.#publisher !== null) clearInterval(this.#publisher);
  }

  #view(address: string): Disposable {
    return this.#options.plain ? this.#lines(address) : this.#picture(address);
  }

  #lines(address: string): Disposable {
    this.#say(`liveroll on ${address}, a new version every ${this.#publishMs / 1_000} s`);
    const tell = () => this.#say(statusLine(this.#model, Date.now()));
    const timer = setInterval(tell, STATUS_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  #picture(address: string): Disposable {
    const terminal = new Terminal();
    const draw = () => {
      const view = { ...terminal.size, now: Date.now(), address, ending: this.#ending };
      terminal.show(screen(this.#model, view));
    };
    const timer = setInterval(draw, FRAME_MS);
    return {
      [Symbol.dispose]() {
        clearInterval(timer);
        terminal[Symbol.dispose]();
      },
    };
  }

  /** Prints a line; the demo ends when nobody reads any more. */
  #say(line: string): void {
    if (!writeLine(line)) this.#over.abort();
  }

  /** Says how it went. */
  #conclude(lastWords: readonly string[] | null): number {
    if (lastWords !== null) {
      console.error(["liveroll ended unexpectedly:", ...lastWords].join("\n  "));
    }
    writeLine(summary(this.#model));
    const { ok, failed } = this.#model.traffic;
    const neverServed = ok === 0 && this.#options.signal.aborted === false;
    if (lastWords === null && neverServed) console.error("No version came to serve in time");
    return lastWords === null && failed === 0 && !neverServed ? 0 : 1;
  }
}

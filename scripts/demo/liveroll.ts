import type { RollEvent } from "../../src/roll/events.ts";
import { LiverollProgram, type LogRecord, shellQuote } from "../lib/liveroll_program.ts";
import type { Input } from "./input.ts";

const APP = new URL("./app.ts", import.meta.url).pathname;

/** If the demo was killed, nobody would end liveroll: then its own pull command does. */
const PULL = 'kill -0 "$DEMO_PID" 2>/dev/null || { rm -rf "$DEMO_DIR"; kill "$PPID"; }; ' +
  "cp -v newest pulled";

/** Where liveroll listens and works. */
export interface LiverollOptions {
  port: number;
  childPorts: readonly [number, number];
  directory: string;
}

/** The liveroll of the demo, and what it tells. */
export class Liveroll {
  /** Resolves when it accepts connections; never, if it ends before. */
  readonly listening: Promise<void>;
  /** Resolves when it has ended and everything that it said was read. */
  readonly ended: Promise<unknown>;
  readonly #program: LiverollProgram;
  readonly #hear: (input: Input) => void;
  readonly #nowListening: () => void;

  /** @param hear Called with everything that it tells. */
  constructor(options: LiverollOptions, hear: (input: Input) => void) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.listening = promise;
    this.#nowListening = resolve;
    this.#hear = hear;
    this.#program = new LiverollProgram({
      flags: flags(options),
      cwd: options.directory,
      env: { DEMO_DIR: options.directory, DEMO_PID: `${Deno.pid}` },
      onRecord: (record) => this.#read(record),
    });
    this.ended = this.#program.ended;
  }

  /** The last things it said, for when it ends unexpectedly. */
  get lastWords(): readonly string[] {
    return this.#program.lastWords;
  }

  /** Asks it to end and waits. */
  async stop(): Promise<void> {
    await this.#program.stop();
  }

  #read(record: LogRecord): void {
    const at = Date.parse(String(record.time));
    if (record.logger === "pull") return this.#hear({ kind: "pulled", at });
    if (record.event === "listening") this.#nowListening();
    if (typeof record.event !== "string") return;
    // What liveroll writes as an event has that event's fields.
    const event = { ...record, type: record.event } as unknown as RollEvent;
    this.#hear({ kind: "event", at, event });
  }
}

function flags({ port, childPorts: [first, second] }: LiverollOptions): string[] {
  const permissions = "--no-config --no-prompt --allow-net --allow-env --allow-read";
  return [
    `--pull=${PULL}`,
    "--id=cat pulled",
    `--exec=exec ${shellQuote(Deno.execPath())} run --quiet ${permissions} ${shellQuote(APP)}`,
    "--host=127.0.0.1",
    `--port=${port}`,
    `--child-port1=${first}`,
    `--child-port2=${second}`,
    "--interval=1s",
    "--min-healthy=500ms",
    "--healthcheck=/healthz",
    "--health-timeout=2500ms",
    "--drain-timeout=5s",
    "--stop-timeout=5s",
    "--log-level=debug",
  ];
}

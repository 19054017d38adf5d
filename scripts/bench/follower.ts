import { ask } from "../../tests/helpers/http.ts";
import { freePorts } from "../lib/free_ports.ts";
import { LiverollProgram, type LogRecord } from "../lib/liveroll_program.ts";

const DEADLINE_MS = 120_000;
const POLL_MS = 2;

/** A `liveroll server` that follows a registry, and what it told. */
export class Follower implements AsyncDisposable {
  readonly port: number;
  readonly #program: LiverollProgram;
  readonly #records: LogRecord[] = [];

  /**
   * @param directory For its state and its releases.
   * @param flags Further ones.
   */
  constructor(index: string, directory: string, flags: readonly string[]) {
    const [port, first, second] = freePorts(3) as [number, number, number];
    this.port = port;
    this.#program = new LiverollProgram({
      flags: [
        "server",
        `--registry=${index}`,
        `--release-root=${directory}`,
        `--state-dir=${directory}/state`,
        "--cache=off",
        "--max-artifact=1g",
        "--exec=./app",
        "--host=127.0.0.1",
        `--port=${port}`,
        `--child-port1=${first}`,
        `--child-port2=${second}`,
        "--interval=1s",
        "--min-healthy=0",
        "--healthcheck=/",
        "--log-level=debug",
        ...flags,
      ],
      cwd: directory,
      onRecord: (record) => this.#records.push(record),
    });
  }

  /** The process id of liveroll itself. */
  get pid(): number {
    return this.#program.pid;
  }

  /** Asks until `tag` answers. @returns When it did, in milliseconds since 1970. */
  async answered(tag: string): Promise<number> {
    const deadline = Date.now() + DEADLINE_MS;
    while (Date.now() < deadline) {
      if (await this.#answer() === tag) return Date.now();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const words = this.#program.lastWords.join("\n");
    throw new Error(`Cannot get an answer of ${tag} within ${DEADLINE_MS} ms\n${words}`);
  }

  /** The roll to `tag`: when it began, and how long its phases took, in milliseconds. */
  async rollTo(tag: string): Promise<{ startedAt: number; phases: ReadonlyMap<string, number> }> {
    const started = await this.#record((record) =>
      record.event === "roll.started" && record.to === tag
    );
    const isOurs = (record: LogRecord) => record.roll === started.roll;
    await this.#record((record) => record.event === "roll.succeeded" && isOurs(record));
    const ended = this.#records.filter((record) =>
      record.event === "roll.phase_ended" && isOurs(record)
    ).map(({ phase }) => phase as { name: string; durationMs: number });
    return {
      startedAt: Date.parse(String(started.time)),
      phases: new Map(ended.map(({ name, durationMs }) => [name, durationMs])),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop();
  }

  async #answer(): Promise<string> {
    try {
      return (await ask(this.port, "/", { timeoutMs: 1_000 })).text;
    } catch {
      return "";
    }
  }

  async #record(isIt: (record: LogRecord) => boolean): Promise<LogRecord> {
    const deadline = Date.now() + DEADLINE_MS;
    while (Date.now() < deadline) {
      const record = this.#records.find(isIt);
      if (record !== undefined) return record;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`Cannot see it: ${isIt}\n${this.#program.lastWords.join("\n")}`);
  }
}

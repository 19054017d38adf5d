import { LiverollProgram, type LogRecord } from "../lib/liveroll_program.ts";
import { BODY } from "./scenario.ts";

/** The newest version is in the file `version` of the working directory. */
export const PULL = "true";
export const ID = "cat version";

const START_MS = 30_000;

/** How the liveroll under test is started. */
export interface SubjectOptions {
  port: number;
  childPorts: readonly [number, number];
  /** Working directory. */
  directory: string;
  exec: string;
  /** @default {"/"} */
  healthcheck?: string;
  /** Further flags. */
  flags: readonly string[];
  /** For the runtime that runs the program. */
  runtimeFlags?: readonly string[];
}

/** A liveroll that is measured. */
export class Subject implements AsyncDisposable {
  readonly #program: LiverollProgram;
  readonly #directory: string;
  readonly #waiting = new Map<string, (record: LogRecord) => void>();
  #version = 0;

  /** Starts it and waits until its first version serves. */
  static async serving(options: SubjectOptions): Promise<Subject> {
    const subject = new Subject(options);
    try {
      await subject.#event("roll.switched");
      return subject;
    } catch (error) {
      await subject[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: SubjectOptions) {
    const { port, childPorts: [first, second], directory, exec, runtimeFlags = [] } = options;
    this.#directory = directory;
    this.#publish();
    this.#program = new LiverollProgram({
      flags: [
        `--pull=${PULL}`,
        `--id=${ID}`,
        `--exec=${exec}`,
        "--host=127.0.0.1",
        `--port=${port}`,
        `--child-port1=${first}`,
        `--child-port2=${second}`,
        "--interval=1h",
        "--min-healthy=0",
        `--healthcheck=${options.healthcheck ?? "/"}`,
        ...options.flags,
      ],
      runtimeFlags,
      cwd: directory,
      env: { BENCH_BODY: BODY },
      onRecord: (record) => this.#waiting.get(String(record.event))?.(record),
    });
  }

  /** The process id of liveroll itself. */
  get pid(): number {
    return this.#program.pid;
  }

  /**
   * Rolls to a new version, and waits until the old one is gone.
   *
   * @returns Time from the signal to the switch, in milliseconds.
   */
  async roll(): Promise<number> {
    this.#publish();
    const switched = this.#event("roll.switched");
    const stopped = this.#event("instance.stopped");
    const began = Date.now();
    this.#program.signal("SIGHUP");
    const { time } = await switched;
    await stopped;
    return Date.parse(String(time)) - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop();
  }

  #publish(): void {
    Deno.writeTextFileSync(`${this.#directory}/version`, `v${++this.#version}\n`);
  }

  async #event(name: string): Promise<LogRecord> {
    const { promise, resolve, reject } = Promise.withResolvers<LogRecord>();
    const fail = (why: string) => {
      const words = this.#program.lastWords.join("\n");
      reject(new Error(`Cannot see ${name} of liveroll: ${why}\n${words}`));
    };
    const timer = setTimeout(() => fail(`${START_MS} ms were not enough`), START_MS);
    this.#program.ended.then(() => fail("it has ended"));
    this.#waiting.set(name, resolve);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(name);
    }
  }
}

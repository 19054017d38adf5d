import { isInstalled } from "../lib/command.ts";
import { LiverollProgram, type LogRecord, shellQuote } from "../lib/liveroll_program.ts";
import { nginxConfig } from "./peers.ts";

const APP = new URL("./app.ts", import.meta.url).pathname;

/** The answer of every backend. */
export const BODY = "hello from backend hello from backend hello from backend";

/** The newest version is in the file `version` of the working directory. */
export const PULL = "true";
export const ID = "cat version";

/** Runs the app on the port that it is told. */
export const APP_COMMAND = `exec ${shellQuote(Deno.execPath())} run --quiet --no-config ` +
  `--no-prompt --allow-net --allow-env ${shellQuote(APP)}`;

const START_MS = 30_000;

/** How the liveroll under test is started. */
export interface SubjectOptions {
  port: number;
  childPorts: readonly [number, number];
  /** Working directory. */
  directory: string;
  exec: string;
  /** Further flags. */
  flags: readonly string[];
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
    const { port, childPorts: [first, second], directory, exec } = options;
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
        "--healthcheck=/",
        ...options.flags,
      ],
      cwd: directory,
      env: { BENCH_BODY: BODY },
      onRecord: (record) => this.#waiting.get(String(record.event))?.(record),
    });
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

/** What to run as backend in `directory`: nginx, or our app where there is none. */
export function backendCommand(directory: string): { name: string; command: string } {
  if (!isInstalled("nginx")) return { name: "Deno.serve", command: APP_COMMAND };
  const server = `server { listen 127.0.0.1:@PORT@ backlog=4096;
location / { return 200 "${BODY}\\n"; } }`;
  Deno.writeTextFileSync(`${directory}/backend.conf`, nginxConfig("backend.pid", server));
  const path = shellQuote(directory);
  const command = "sed s/@PORT@/<<PORT>>/ backend.conf > backend-<<PORT>>.conf && " +
    `exec nginx -p ${path} -e /dev/null -c ${path}/backend-<<PORT>>.conf`;
  return { name: "nginx", command };
}

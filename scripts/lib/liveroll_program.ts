import { pumpLines } from "../../src/platform/pump.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Between two TERMs, when one was not enough, and until KILL. */
const STOP_MS = 15_000;
const FORCED_STOP_MS = 5_000;
const MAX_WORDS = 12;

/** One line of the log, as `--log-format json` writes it. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** How the program is started. */
export interface ProgramOptions {
  /** Flags; the format of the log is added. */
  flags: readonly string[];
  cwd: string;
  /** Added to the inherited environment. */
  env?: Record<string, string>;
  /** For the runtime that runs it. */
  runtimeFlags?: readonly string[];
  /** Called with every record of the log. */
  onRecord(record: LogRecord): void;
}

/** The real program from this source tree, in its own process group: no Ctrl-C reaches it. */
export class LiverollProgram implements AsyncDisposable {
  /** Resolves when it has ended and everything that it said was read. */
  readonly ended: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #onRecord: ProgramOptions["onRecord"];
  readonly #words: string[] = [];

  constructor({ flags, cwd, env = {}, runtimeFlags = [], onRecord }: ProgramOptions) {
    this.#onRecord = onRecord;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", `${ROOT}deno.json`, ...runtimeFlags]
        .concat(`${ROOT}main.ts`, flags, "--log-format=json"),
      cwd,
      env: { ...env, NO_COLOR: "1" },
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const pump = pumpLines(this.#child.stderr, (line) => this.#read(line));
    this.ended = this.#child.status.then(async (status) => {
      await pump.settled({ idleMs: 200, maxMs: 1_000 });
      await pump.close();
      return status;
    });
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The last things it said, for when it ends unexpectedly. */
  get lastWords(): readonly string[] {
    return this.#words;
  }

  /** Sends a signal; none when it has ended. */
  signal(name: Deno.Signal): void {
    try {
      this.#child.kill(name);
    } catch {
      // It has ended.
    }
  }

  /** Asks it to end and waits; what does not end is ended. */
  async stop(): Promise<void> {
    const timers = [
      setTimeout(() => this.signal("SIGTERM"), STOP_MS),
      setTimeout(() => this.signal("SIGKILL"), STOP_MS + FORCED_STOP_MS),
    ];
    this.signal("SIGTERM");
    await this.ended;
    timers.forEach(clearTimeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #read(line: string): void {
    const record = parse(line);
    if (record === null) return this.#remember(line);
    if (record.level !== "debug") this.#remember(String(record.message));
    this.#onRecord(record);
  }

  #remember(words: string): void {
    this.#words.push(words);
    if (this.#words.length > MAX_WORDS) this.#words.shift();
  }
}

/** `word` as one word of a shell command. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function parse(line: string): LogRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

import { delay } from "@std/async/delay";
import { OWNER } from "./abandoned.ts";
import { EventLog, PATIENCE_MS } from "./event_log.ts";
import { programCommand } from "./program.ts";
import { type Requirement, requirement } from "./skip.ts";

const POLL_MS = 10;
const NEVER = new AbortController().signal;

/** What a command left. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a command is run. */
export interface ClientOptions {
  /** Beside an environment in which nothing speaks of liveroll. */
  env?: Record<string, string>;
  /** @default {the root} */
  cwd?: string;
  /** Gives it a terminal, on which both of its streams end up; needs `script`. */
  terminal?: boolean;
  /** Takes the place of `/var/lib`, for this command only; see {@linkcode canMount}. */
  varLib?: string;
}

/** Runs the real program as a command, with nothing of liveroll in its environment. */
export async function client(args: readonly string[], options: ClientOptions = {}): Promise<Ran> {
  await using command = new ClientCommand(args, options);
  return await command.ran();
}

/** A command of the real program that goes on for a while. */
export class ClientCommand implements AsyncDisposable {
  /** What it has printed so far, line by line. */
  readonly stdout = new EventLog();
  readonly stderr = new EventLog();
  readonly #child: Deno.ChildProcess;
  readonly #texts: Promise<[string, string]>;

  constructor(args: readonly string[], options: ClientOptions = {}) {
    const { env = {}, cwd = "/" } = options;
    const { command: program, args: first } = programCommand({});
    const [command = "", ...rest] = inSurroundings([program, ...first, ...args], options);
    this.#child = new Deno.Command(command, {
      args: rest,
      env: { ...foreignEnv(), [OWNER]: `${Deno.pid}`, ...env },
      clearEnv: true,
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#texts = Promise.all([
      this.#read(this.#child.stdout, this.stdout),
      this.#read(this.#child.stderr, this.stderr),
    ]);
  }

  /** Sends a signal to it, if it runs. */
  signal(name: Deno.Signal): void {
    try {
      this.#child.kill(name);
    } catch {
      // It has ended.
    }
  }

  /** Resolves when Ctrl-C does not simply end it any more. */
  async heedsInterrupts(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      if (catchesInterrupt(this.#child.pid)) return;
      await delay(POLL_MS);
    }
    throw new Error("Cannot see a command heed SIGINT");
  }

  /** Waits for its end. @throws {Error} With what it printed, when it takes too long. */
  async ran(): Promise<Ran> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.signal("SIGKILL");
    }, PATIENCE_MS);
    const { code } = await this.#child.status;
    clearTimeout(timer);
    const [stdout, stderr] = await this.#texts;
    if (isLate) throw new Error(`Cannot see the end of a command: ${stdout}\n${stderr}`);
    return { code, stdout, stderr };
  }

  /** Ends it at once, if it runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.#child.status;
    await this.#texts;
  }

  async #read(stream: ReadableStream<Uint8Array>, log: EventLog): Promise<string> {
    const [text, lines] = stream.tee();
    const following = log.follow(lines, NEVER);
    const whole = await new Response(text).text();
    await following;
    return whole;
  }
}

/** Met where directories can be mounted for one process alone. */
export function canMount(): Requirement {
  // One of its own: what others have mounted below /tmp could not go along.
  const directory = Deno.makeTempDirSync({ prefix: "liveroll-mount-" });
  const [command = "", ...args] = [...inNamespace(directory), "true"];
  let isDone = false;
  try {
    isDone = new Deno.Command(command, { args, stderr: "null" }).outputSync().success;
  } catch {
    // There is no unshare.
  }
  Deno.removeSync(directory);
  return requirement(isDone, "nothing can be mounted in a namespace of its own");
}

function inSurroundings(words: string[], { terminal, varLib }: ClientOptions): string[] {
  if (terminal) return ["script", "-qec", words.map(quote).join(" "), "/dev/null"];
  return varLib === undefined ? words : [...inNamespace(varLib), ...words];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What stands before the words of a command that sees `directory` as `/var/lib`. */
function inNamespace(directory: string): string[] {
  const script = 'mount --bind "$0" /var/lib && exec "$@"';
  return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, directory];
}

/** Bit 1 of the mask in `/proc` is SIGINT. */
function catchesInterrupt(pid: number): boolean {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return (parseInt(/^SigCgt:\s+[0-9a-f]*([0-9a-f])$/m.exec(status)?.[1] ?? "0", 16) & 2) !== 0;
}

/** An environment without what others meant for a liveroll. */
function foreignEnv(): Record<string, string> {
  const ours = /^(LIVEROLL_(?!BIN$)|STATE_DIRECTORY$|CREDENTIALS_DIRECTORY$|NO_COLOR$)/;
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !ours.test(name)),
  );
}

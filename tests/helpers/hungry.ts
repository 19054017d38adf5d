import { latin1, RawConnection } from "../conformance/raw.ts";
import { until } from "../conformance/rig.ts";

/** Enough for the runtime and some twenty connections. */
const MAX_FDS = 48;

const PROGRAM = new URL("hungry_listener.ts", import.meta.url).pathname;

/** Runs its arguments with a listening socket as descriptor 3. */
const WITH_SOCKET = `
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.execvp(sys.argv[1], sys.argv[1:])
`;

/** See `hungry_listener.ts`. */
export type HungryKind = "deno" | "node" | "inherited" | "inherited-plain";

/** A listener in a process that has few file descriptors. */
export class HungryListener implements AsyncDisposable {
  /** What it printed after its port. */
  readonly errors: string[] = [];
  port = 0;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;

  private constructor(kind: HungryKind) {
    const run = `ulimit -n ${MAX_FDS}; exec "$@"`;
    const python = kind.startsWith("inherited") ? ["python3", "-c", WITH_SOCKET] : [];
    const program = [...python, Deno.execPath(), "run", "-A", "--cached-only", PROGRAM, kind];
    this.#child = new Deno.Command("sh", {
      args: ["-c", run, "sh", ...program],
      stdout: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  static async start(kind: HungryKind): Promise<HungryListener> {
    const listener = new HungryListener(kind);
    await until(() => listener.port > 0, "the port", 20_000);
    return listener;
  }

  /** More connections than it can have; those that are too many wait in the kernel. */
  async exhaust(): Promise<RawConnection[]> {
    const connections: RawConnection[] = [];
    for (let i = 0; i < 2 * MAX_FDS; i++) connections.push(await RawConnection.open(this.port));
    return connections;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const piece of this.#child.stdout) {
      text += decoder.decode(piece, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (this.port === 0) this.port = Number(line);
        else this.errors.push(line);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#reading, this.#child.status]);
  }
}

/** Whether what we say comes back within `limitMs`. */
export async function echoes(connection: RawConnection, limitMs: number): Promise<boolean> {
  const timer = setTimeout(() => connection.close(), limitMs);
  try {
    await connection.writeBytes(latin1("x"));
    return await connection.read() === "x";
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

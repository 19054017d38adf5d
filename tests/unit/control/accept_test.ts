import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { until } from "../../conformance/rig.ts";
import { LineSplitter } from "./line_splitter.ts";

/** Enough for the runtime and some twenty connections. */
const MAX_FDS = 48;

const PROGRAM = new URL("../../helpers/hungry_control.ts", import.meta.url).pathname;

/** A control server in a process that has few file descriptors. */
class HungryControl implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync();
  readonly path = `${this.dir}/control.sock`;
  readonly #child: Deno.ChildProcess;
  readonly #output: LineSplitter;

  private constructor() {
    const program = [Deno.execPath(), "run", "-A", "--cached-only", PROGRAM, this.path];
    const run = `ulimit -n ${MAX_FDS}; exec "$@"`;
    const args = ["-c", run, "sh", ...program];
    this.#child = new Deno.Command("sh", { args, stdout: "piped" }).spawn();
    this.#output = new LineSplitter(this.#child.stdout);
  }

  static async start(): Promise<HungryControl> {
    const control = new HungryControl();
    await until(() => control.#output.lines.length > 0, "the port", 20_000);
    return control;
  }

  get port(): number {
    return Number(this.#output.lines[0]);
  }

  get errors(): string[] {
    return this.#output.lines.slice(1);
  }

  connect(where: "unix" | "tcp"): Promise<Deno.Conn> {
    return where === "unix"
      ? Deno.connect({ transport: "unix", path: this.path })
      : Deno.connect({ hostname: "127.0.0.1", port: this.port });
  }

  /** Whether it answers a new client. */
  async answers(where: "unix" | "tcp"): Promise<boolean> {
    const conn = await this.connect(where).catch(() => null);
    if (!conn) return false;
    const timer = setTimeout(() => conn.close(), 500);
    try {
      const head = "GET /v1/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      await conn.write(new TextEncoder().encode(head));
      const bytes = new Uint8Array(15);
      await conn.read(bytes);
      return new TextDecoder().decode(bytes) === "HTTP/1.1 200 OK";
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
      try {
        conn.close();
      } catch {
        // The timer has closed it.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#output.ended, this.#child.status]);
    await Deno.remove(this.dir, { recursive: true });
  }
}

for (const where of ["unix", "tcp"] as const) {
  Deno.test(`after it ran out of file descriptors it accepts again over ${where}`, async () => {
    await using control = await HungryControl.start();
    const greedy: Deno.Conn[] = [];
    for (let i = 0; i < 2 * MAX_FDS; i++) {
      const conn = await control.connect(where).catch(() => null);
      if (conn) greedy.push(conn);
    }
    await until(() => control.errors.length > 0, "the error");
    assertMatch(control.errors[0] ?? "", /^Error: Cannot accept connections on .*; trying again$/);
    for (const conn of greedy) conn.close();
    let answered = false;
    for (let i = 0; i < 100 && !answered; i++) {
      answered = await control.answers(where);
      if (!answered) await delay(50);
    }
    assertEquals(answered, true);
  });
}

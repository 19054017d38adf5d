import type { KindsName } from "./kinds.ts";
import { noReport, type TrafficReport } from "./outcome.ts";

/** How long the last requests may take after the end. */
const END_MS = 60_000;

/** All kinds of clients, in a process of their own, until they are stopped. */
export class Traffic implements AsyncDisposable {
  /** What was said last. */
  report: TrafficReport = noReport();
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #stopped = false;

  constructor(port: number, kinds: KindsName) {
    const script = new URL("./traffic_client.ts", import.meta.url).pathname;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", "--config", config, script, `${port}`, kinds],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Tells the clients that liveroll has been replaced. */
  async tellReplaced(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    writer.releaseLock();
  }

  /** Lets everything under way end. @throws {Error} When the clients did not end well. */
  async stop(): Promise<TrafficReport> {
    this.#stopped = true;
    await this.#child.stdin.close();
    const timer = setTimeout(() => this.#kill(), END_MS);
    const { success } = await this.#child.status;
    clearTimeout(timer);
    await this.#reading;
    if (!success) throw new Error("Cannot count: the clients did not end well");
    return this.report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped) return;
    this.#kill();
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      const last = lines.at(-1);
      if (last !== undefined) this.report = JSON.parse(last);
    }
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

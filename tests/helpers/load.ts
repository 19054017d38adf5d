import { assertEquals } from "@std/assert";
import { inTime } from "./in_time.ts";
import { type LoadPlan, type LoadReport, mergeReports } from "./load_report.ts";

export type { LoadReport } from "./load_report.ts";

const DEFAULTS: Omit<LoadPlan, "port"> = {
  keepAlive: 4,
  fresh: 2,
  posts: 0,
  downloads: 0,
  pauseMs: 10,
  timeoutMs: 20_000,
  maxMs: 240_000,
  maxRequests: 500_000,
};

/** Constant, counted load on 127.0.0.1 from processes of its own, until it is stopped. */
export class Load implements AsyncDisposable {
  readonly #clients: LoadProcess[];

  /** Keep-alive clients and new-connection clients run in separate processes. */
  constructor(port: number, options: Partial<Omit<LoadPlan, "port">> = {}) {
    const plan = { ...DEFAULTS, ...options, port };
    const keeping = { ...plan, fresh: 0, downloads: 0 };
    const opening = { ...plan, keepAlive: 0, posts: 0 };
    this.#clients = [keeping, opening]
      .filter((part) => part.keepAlive + part.posts + part.fresh + part.downloads > 0)
      .map((part) => new LoadProcess(part));
  }

  /** The load processes. */
  get pids(): readonly number[] {
    return this.#clients.map(({ pid }) => pid);
  }

  /**
   * Resolves when every load process has had an answer from `version`.
   *
   * @throws When one has not in time.
   */
  async sees(version: string): Promise<void> {
    const sightings = this.#clients.map((client) => client.sees(version));
    const soFar = () => this.#clients.map((client) => client.soFar).join("\n");
    await inTime(`answers of ${version}`, Promise.all(sightings), { soFar });
  }

  /** Lets the requests in flight end, and counts. */
  async stop(): Promise<LoadReport> {
    return mergeReports(await Promise.all(this.#clients.map((client) => client.stop())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.kill()));
  }
}

/** Fails, with what was seen, unless every request was answered well. */
export function assertNoneFailed(report: LoadReport): void {
  const { failed, ...rest } = report;
  assertEquals(failed, [], `${failed.length} failed requests, else ${JSON.stringify(rest)}`);
  assertEquals(report.ok, report.sent);
}

interface Message {
  version?: string;
  report?: LoadReport;
}

class LoadProcess {
  readonly #child: Deno.ChildProcess;
  readonly #seen = new Map<string, PromiseWithResolvers<void>>();
  readonly #report: Promise<LoadReport>;
  readonly #said: string[] = [];

  constructor(plan: LoadPlan) {
    const script = new URL("./load_client.ts", import.meta.url).pathname;
    const flags = ["run", "-A", "--no-config", "--no-lock", "--no-check"];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...flags, script, JSON.stringify(plan)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#report = this.#read();
    this.#report.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  async sees(version: string): Promise<void> {
    await Promise.race([this.#sighting(version).promise, this.#report]);
  }

  /** What it said so far. */
  get soFar(): string {
    return this.#said.join(" ") || "no answer yet";
  }

  async stop(): Promise<LoadReport> {
    await this.#child.stdin.close();
    const report = await this.#report;
    await this.#child.status;
    return report;
  }

  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
    await this.#report.catch(() => {});
  }

  async #read(): Promise<LoadReport> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        this.#said.push(line);
        const message: Message = JSON.parse(line);
        if (message.version) this.#sighting(message.version).resolve();
        if (message.report) return message.report;
      }
    }
    throw new Error("Cannot read the load report: the client ended without one");
  }

  #sighting(version: string): PromiseWithResolvers<void> {
    const known = this.#seen.get(version) ?? Promise.withResolvers<void>();
    this.#seen.set(version, known);
    return known;
  }
}

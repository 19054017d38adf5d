import { Redis } from "ioredis";
import { PortClaim } from "./ports.ts";

const PATIENCE_MS = 10_000;

/** Redis on loopback, in memory only. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #claim: PortClaim;
  readonly #directory = Deno.makeTempDirSync({ prefix: "liveroll-redis-" });
  readonly #child: Deno.ChildProcess;
  #output: Promise<void> = Promise.resolve();

  /** Starts one and waits until it is ready. */
  static async start(options: { password?: string; claim?: PortClaim } = {}): Promise<RedisServer> {
    const server = new RedisServer(options.password ?? null, options.claim ?? new PortClaim(1));
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(password: string | null, claim: PortClaim) {
    this.#claim = claim;
    this.port = this.#claim.ports[0]!;
    const facts = {
      bind: "127.0.0.1",
      port: this.port,
      dir: this.#directory,
      save: "",
      appendonly: "no",
      ...(password === null ? {} : { requirepass: password }),
    };
    this.#child = new Deno.Command("redis-server", {
      args: Object.entries(facts).flatMap(([name, value]) => [`--${name}`, String(value)]),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  }

  /** Where its keys are, for a test of its own. */
  place(prefix = "") {
    const { port } = this;
    return {
      host: "127.0.0.1",
      port,
      db: 0,
      isTls: false,
      username: null,
      password: null,
      prefix,
    };
  }

  /** Lets all keys of a prefix that will end be older by so much. */
  async age(prefix: string, ms: number): Promise<void> {
    const redis = new Redis(this.port, "127.0.0.1");
    try {
      for (const key of await redis.keys(`${prefix}*`)) {
        const leftMs = await redis.pttl(key);
        if (leftMs < 0) continue;
        if (leftMs > ms) await redis.pexpire(key, leftMs - ms);
        else await redis.del(key);
      }
    } finally {
      redis.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#output;
    await this.#child.status;
    this.#claim[Symbol.dispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }

  /** @throws {Error} With what it has said. */
  async #ready(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    let said = "";
    const reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`Cannot start redis-server: ${said}`);
        said += value;
        if (said.includes("Ready to accept connections")) return;
      }
    } finally {
      clearTimeout(timer);
      this.#output = drain(reader);
    }
  }
}

/** A full pipe would stop it. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

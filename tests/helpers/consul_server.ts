import { type Daemon, startDaemon, untilReady } from "../../scripts/lib/daemon.ts";
import { PortClaim } from "./ports.ts";

const PATIENCE_MS = 30_000;

/** May do everything where not everybody may. */
export const MANAGER = "6f1a3c52-0d0c-4b36-9a5e-3b1f0e2d4c5a";

/** What docs/registries.md says that a token needs, in the words of Consul. */
const RULES = `key_prefix "liveroll/" { policy = "write" } session_prefix "" { policy = "write" }`;

/** A real Consul of one server on loopback, in memory only. */
export class ConsulServer implements AsyncDisposable {
  readonly #claim = new PortClaim(2);
  readonly #directory = Deno.makeTempDirSync({ prefix: "liveroll-consul-" });
  readonly #manager: string | null;
  readonly #daemon: Daemon;

  /**
   * Starts one and waits until it has a leader and keeps sessions.
   *
   * @param manager A token that may do everything, a UUID; null: everybody may.
   */
  static async start(program: string, manager: string | null): Promise<ConsulServer> {
    const server = new ConsulServer(program, manager);
    try {
      await untilReady("consul", server.#daemon, PATIENCE_MS, () => server.#keepsSessions());
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(program: string, manager: string | null) {
    this.#manager = manager;
    const [http = 0, rpc = 0] = this.#claim.ports;
    const config = {
      bind_addr: "127.0.0.1",
      ports: {
        http,
        server: rpc,
        serf_lan: http + 1,
        serf_wan: rpc + 1,
        dns: -1,
        grpc: -1,
        grpc_tls: -1,
      },
      disable_update_check: true,
      ...(manager !== null && {
        acl: { enabled: true, default_policy: "deny", tokens: { initial_management: manager } },
      }),
    };
    const file = `${this.#directory}/config.json`;
    Deno.writeTextFileSync(file, JSON.stringify(config));
    const args = ["agent", "-dev", `-config-file=${file}`];
    const logPath = `${this.#directory}/log`;
    this.#daemon = startDaemon(program, args, { logPath, graceMs: 2_000 });
  }

  get host(): string {
    return `127.0.0.1:${this.#claim.ports[0]}`;
  }

  /** A token that may do what liveroll has to, and no more. */
  async newToken(): Promise<string> {
    await this.#ask("acl/policy", { Name: "liveroll", Rules: RULES });
    const { SecretID } = await this.#ask("acl/token", { Policies: [{ Name: "liveroll" }] });
    return SecretID ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    this.#claim[Symbol.dispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }

  /** Sessions belong to a node, which comes a moment after the leader. */
  async #keepsSessions(): Promise<boolean> {
    try {
      const { ID } = await this.#ask("session/create", {});
      await this.#ask(`session/destroy/${ID}`, {});
      return true;
    } catch {
      return false;
    }
  }

  async #ask(path: string, body: Record<string, unknown>): Promise<Record<string, string>> {
    const response = await fetch(`http://${this.host}/v1/${path}`, {
      method: "PUT",
      headers: { "x-consul-token": this.#manager ?? "" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot PUT ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}

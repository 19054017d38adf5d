import { ControlClient } from "../../src/control/client/control_client.ts";
import { OWNER } from "./abandoned.ts";
import { PortClaim } from "./ports.ts";
import { processesWith, type ProcessInfo } from "./proc.ts";
import { ToyWorkspace } from "./toy.ts";

/** In the environment of everything that is started from one home, however deep. */
const COOKIE = "TOY_COOKIE";

/** What outlives one liveroll: its workspace, its ports, and the mark on all that it starts. */
export class Home implements Disposable {
  readonly workspace = new ToyWorkspace();
  readonly port: number;
  readonly childPorts: readonly [number, number];
  /** A port that belongs to this test, for whatever it likes. */
  readonly sparePort: number;
  readonly #claim = new PortClaim(4);
  readonly #cookie = crypto.randomUUID();

  constructor() {
    const [port, first, second, spare] = this.#claim.ports as [number, number, number, number];
    this.port = port;
    this.childPorts = [first, second];
    this.sparePort = spare;
  }

  /** Where liveroll remembers. */
  get stateDir(): string {
    return `${this.workspace.dir}/state`;
  }

  /** Where it is controlled. */
  get socketPath(): string {
    return `${this.stateDir}/control.sock`;
  }

  /** Asks who lives here. */
  client(): ControlClient {
    return new ControlClient({ kind: "socket", path: this.socketPath });
  }

  /** The environment that marks what belongs here. */
  get env(): Record<string, string> {
    return {
      TOY_DIR: this.workspace.dir,
      [COOKIE]: this.#cookie,
      [OWNER]: `${Deno.pid}`,
    };
  }

  /** Every living process that was started from here. */
  processes(): ProcessInfo[] {
    return processesWith(COOKIE, this.#cookie);
  }

  /** The living copies of the application, by the token of their instance. */
  children(): Map<string, ProcessInfo[]> {
    return Map.groupBy(
      this.processes().filter(({ env }) =>
        env.LIVEROLL_ID !== undefined && env.LIVEROLL_INSTANCE !== undefined
      ),
      ({ env }) => env.LIVEROLL_INSTANCE ?? "",
    );
  }

  [Symbol.dispose](): void {
    this.#claim[Symbol.dispose]();
    this.workspace[Symbol.dispose]();
  }
}

import { Home } from "./home.ts";
import { Liveroll } from "./liveroll.ts";
import { showingLogs } from "./showing_logs.ts";
import type { Behaviour } from "./toy.ts";

/** One passage of a version on one host, from its turn to its end; milliseconds since 1970. */
export interface Passage {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** Longer than a host may stand still in its turn. */
const LEASE = "10s";

/** Where hosts take turns. */
export interface FleetPlace {
  /** For `--fleet`. */
  readonly url: string;
}

/** Several hosts with one store, each a liveroll with a workspace and a state of its own. */
export class FleetHosts implements AsyncDisposable {
  readonly homes: readonly Home[];
  /** The newest life of each. */
  readonly hosts: Liveroll[];
  readonly #place: FleetPlace;
  readonly #lives = new AsyncDisposableStack();
  readonly #all: Liveroll[] = [];

  /** Starts `count` of them with `v1`. */
  constructor(place: FleetPlace, count: number) {
    this.#place = place;
    this.homes = Array.from({ length: count }, () => this.#lives.use(new Home()));
    for (const { workspace } of this.homes) workspace.publish("v1");
    // The first one is killed, and the others wait for the end of its lease.
    this.hosts = this.homes.map((home, index) => this.#start(home, index === 0 ? "4s" : LEASE));
  }

  /** As it is called in the fleet. */
  nameOf({ port }: { port: number }): string {
    return `${Deno.hostname()}:${port}`;
  }

  /** Names a version on some hosts, by default on all of them. */
  publish(version: string, behaviour: Behaviour = {}, hosts = this.hosts): void {
    for (const { workspace } of hosts) workspace.publish(version, behaviour);
  }

  /** A new life of a host that was killed. */
  restart(host: Liveroll): Liveroll {
    const index = this.hosts.indexOf(host);
    return this.hosts[index] = this.#start(host.home);
  }

  /** When each host rolled to a version, in that order. */
  passages(version: string): Passage[] {
    return this.hosts.map((host) => this.#passage(host, version)).sort((a, b) => a.from - b.from);
  }

  /** All that were started. */
  get lives(): readonly Liveroll[] {
    return this.#all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lives.disposeAsync();
  }

  #start(home: Home, lease = LEASE): Liveroll {
    const { url } = this.#place;
    const fleet = `${url}${url.includes("?") ? "&" : "?"}lease=${lease}`;
    const flags = { fleet, app: "shop", interval: "100ms", "min-healthy": "300ms" };
    const liveroll = this.#lives.use(new Liveroll({ home, flags }));
    this.#all.push(liveroll);
    return liveroll;
  }

  #passage(host: Liveroll, version: string): Passage {
    const [{ roll } = { roll: 0 }] = host.events("roll.succeeded", { id: version });
    const ends = host.events("roll.phase_ended", (event) => event.roll === roll);
    const endOf = (name: string) => {
      const phase = ends.findLast(({ phase }) => phase.name === name)?.phase;
      return phase === undefined ? NaN : phase.startedAt + phase.durationMs;
    };
    return { host: this.nameOf(host), from: endOf("turn"), to: endOf("watch") };
  }
}

/** Runs `test`; when it fails, the logs are shown. */
export async function withFleet(
  place: FleetPlace,
  count: number,
  test: (fleet: FleetHosts) => Promise<void>,
): Promise<void> {
  const all: FleetHosts[] = [];
  await showingLogs(() => all.flatMap(({ lives }) => lives), async () => {
    await using fleet = new FleetHosts(place, count);
    all.push(fleet);
    await test(fleet);
  });
}

import { assert } from "@std/assert";
import type { Store } from "../../../src/cache/store.ts";
import { Fleet } from "../../../src/fleet/fleet.ts";
import type { Turn } from "../../../src/roll/turns.ts";
import type { UpdaterOptions } from "../../../src/roll/updater_options.ts";
import { LinesLog } from "../cache/lines_log.ts";
import { FlakyStore } from "../fleet/flaky_store.ts";
import { type FairWorld, Life, never } from "./fair_world.ts";

export const HOUR_MS = 3_600_000;
export const LEASE_MS = 60_000;

/** An updater that takes turns with other hosts, which are played by the test. */
export class FleetLife extends Life {
  readonly store: FlakyStore;

  constructor(
    options: Partial<UpdaterOptions> = {},
    prepare: (world: FairWorld) => void = () => {},
  ) {
    let store: FlakyStore | null = null;
    super({ intervalMs: HOUR_MS, ...options }, (world) => {
      store = new FlakyStore(() => world.clock.now());
      world.turns = fleet("here", store, world);
      prepare(world);
    });
    this.store = store!;
  }

  /** `v1` serves. */
  static async serving(options: Partial<UpdaterOptions> = {}): Promise<FleetLife> {
    const life = new FleetLife(options);
    await life.serve("v1");
    return life;
  }

  /** Another host gets its turn. */
  async other(version: string): Promise<Turn> {
    return await this.world.await(this.seek(version));
  }

  /** Another host waits for its turn, as time passes. */
  async seek(version: string): Promise<Turn> {
    const wish = { version, isOrdered: false, isUrgent: false, onWaiting: () => {} };
    const answer = await fleet("other", this.store, this.world).take(wish, never());
    assert(answer.outcome === "granted", "another host gets no turn");
    return answer.turn;
  }

  /** The version that the fleet has stopped at. */
  async failed(): Promise<string | null> {
    const mark = await fleet("reader", this.store, this.world).failure(never());
    return mark === null ? null : `${mark.version} on ${mark.host}: ${mark.detail}`;
  }

  /** Names a version, and lets somebody ask for it in vain or not. */
  offer(...[id, behaviour]: Parameters<Life["publish"]>): void {
    this.publish(id, behaviour);
    this.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  }
}

function fleet(host: string, store: Store, { clock }: FairWorld): Fleet {
  const date = () => clock.now();
  const log = new LinesLog();
  return new Fleet({
    ...{ name: "shop", maxUnavailable: 1, leaseMs: LEASE_MS },
    ...{ host, store, clock, date, log },
  });
}

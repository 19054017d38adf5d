import { openStore } from "../../cache/open_store.ts";
import type { Store } from "../../cache/store.ts";
import type { Config } from "../../config/config.ts";
import { DEFAULT_LEASE_MS, Fleet } from "../../fleet/fleet.ts";
import { systemClock } from "../../platform/clock.ts";
import { getLog } from "../../platform/log.ts";

/** Everything that stands behind `--fleet`. */
export class FleetParts implements AsyncDisposable {
  readonly turns: Fleet;
  readonly #store: Store;

  /**
   * Opens the store; no server is asked yet.
   *
   * @returns Null: this host takes no turns.
   * @throws {Error} When a directory cannot be used; the message names it.
   */
  static async open(
    config: Config,
    env: Readonly<Record<string, string>>,
  ): Promise<FleetParts | null> {
    if (config.fleet === null) return null;
    const context = {
      directory: `${config.stateDir}/fleet`,
      downloads: `${config.stateDir}/downloads`,
      ...{ env, clock: systemClock, date: Date.now },
    };
    return new FleetParts(await openStore(config.fleet.store, context), config);
  }

  private constructor(store: Store, { app, port, fleet, maxUnavailable }: Config) {
    this.#store = store;
    this.turns = new Fleet({
      store,
      name: app,
      maxUnavailable,
      // Several on one machine have ports of their own.
      host: `${Deno.hostname()}:${port}`,
      leaseMs: fleet?.leaseMs ?? DEFAULT_LEASE_MS,
      clock: systemClock,
      date: Date.now,
      log: getLog("fleet"),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
  }
}

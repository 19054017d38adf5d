import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../../src/cache/store.ts";
import { Fleet } from "../../../src/fleet/fleet.ts";
import type { LeasedTurn } from "../../../src/fleet/turn.ts";
import type { TurnAnswer } from "../../../src/roll/turns.ts";
import { LinesLog } from "../cache/lines_log.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { PLACES } from "./shared_places.ts";

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const { signal } = new AbortController();

/** Hosts that share a place, and what they say. */
class Hosts {
  readonly log = new LinesLog();
  /** Of all of them, milliseconds since 1970. */
  now = 1e12;
  readonly #store: Store;
  readonly #clock: ManualClock;

  constructor(store: Store, clock: ManualClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @param aheadMs How much its clock is ahead of the others. */
  fleet(host: string, aheadMs = 0): Fleet {
    return new Fleet({
      ...{ name: "shop", maxUnavailable: 1, leaseMs: 60_000, host },
      ...{ store: this.#store, clock: this.#clock, log: this.log },
      date: () => this.now + aheadMs,
    });
  }

  /** `version` fails on a host. */
  async fails(version: string, aheadMs = 0): Promise<void> {
    const turn = await this.turn("bad", version, aheadMs);
    await turn.end({ outcome: "failed", detail: "it exited with code 1" });
  }

  /** What another host is told that wants to roll; a turn that it gets ends at once. */
  async asks(version: string): Promise<string> {
    const answer = await this.#take(this.fleet("other"), version, false);
    if (answer.outcome === "granted") await answer.turn.end({ outcome: "interrupted" });
    return answer.outcome;
  }

  /** The turn of a host where a person wants it. */
  async turn(host: string, version: string, aheadMs = 0): Promise<LeasedTurn> {
    const answer = await this.#take(this.fleet(host, aheadMs), version, true);
    assert(answer.outcome === "granted", "stopped");
    return answer.turn as LeasedTurn;
  }

  #take(fleet: Fleet, version: string, isOrdered: boolean): Promise<TurnAnswer> {
    const wish = { version, isOrdered, isUrgent: false, onWaiting: () => {} };
    return fleet.take(wish, signal);
  }
}

for (const [kind, { open, skip = {} }] of Object.entries(PLACES)) {
  const test = (name: string, work: (hosts: Hosts) => Promise<void>) =>
    Deno.test({
      name: `${kind}: ${name}`,
      ...skip,
      async fn() {
        const clock = new ManualClock();
        await using place = await open(clock);
        await work(new Hosts(place.store, clock));
      },
    });

  test("a version that failed and is well where somebody insists may be rolled to", async (hosts) => {
    await hosts.fails("v2");
    assertEquals(await hosts.asks("v2"), "stopped");
    await (await hosts.turn("one", "v2")).end({ outcome: "succeeded" });
    assertEquals([await hosts.asks("v2"), hosts.log.lines], ["granted", []]);
    await hosts.fails("v2");
    assertEquals(await hosts.asks("v2"), "stopped");
  });

  test("a failure stops the fleet for a week, and no longer", async (hosts) => {
    await hosts.fails("v2");
    hosts.now += WEEK_MS - HOUR_MS;
    assertEquals(await hosts.asks("v2"), "stopped");
    hosts.now += HOUR_MS;
    assertEquals(await hosts.asks("v2"), "granted");
    assertEquals(await hosts.fleet("other").failure(signal), null);
  });
}

/** Hosts that share some memory. */
async function withMemory(work: (hosts: Hosts, store: Store) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  await using place = await PLACES.memory!.open(clock);
  await work(new Hosts(place.store, clock), place.store);
}

Deno.test("clocks that differ a little change little, one that is wrong stops nobody for long", () =>
  withMemory(async (hosts) => {
    await hosts.fails("v2", HOUR_MS);
    assertEquals(await hosts.asks("v2"), "stopped");
    hosts.now += WEEK_MS + HOUR_MS;
    assertEquals(await hosts.asks("v2"), "granted");
    await hosts.fails("v3", 2 * WEEK_MS);
    assertEquals(await hosts.asks("v3"), "granted");
  }));

Deno.test("a failure that comes while another version is forgiven is not forgiven with it", () =>
  withMemory(async (hosts, store) => {
    await hosts.fails("v2");
    const look = store.look.bind(store);
    // The next one fails elsewhere between the look at the mark and the write of the other one.
    store.look = async (key, signal) => {
      const found = await look(key, signal);
      if (key.endsWith("/failed")) {
        store.look = look;
        await hosts.fleet("hasty").without("v3").end({ outcome: "failed", detail: "bad" });
      }
      return found;
    };
    await hosts.fleet("one").without("v2").end({ outcome: "succeeded" });
    assertEquals((await hosts.fleet("one").failure(signal))?.version, "v3");
  }));

Deno.test("who knows of no forgiveness takes a mark that is forgiven for none", () =>
  withMemory(async (hosts, store) => {
    await hosts.fails("v2");
    await hosts.fleet("one").forgive("v2", signal);
    const mark = JSON.parse(
      new TextDecoder().decode((await store.get("fleet/shop/failed", signal))!),
    );
    assertEquals([mark.version, mark.forgiven.version], [undefined, "v2"]);
  }));

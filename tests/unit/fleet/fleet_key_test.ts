import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import type { Store } from "../../../src/cache/store.ts";
import { appName } from "../../../src/config/app_kind.ts";
import { Fleet } from "../../../src/fleet/fleet.ts";
import { LinesLog } from "../cache/lines_log.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { KEY_RULES } from "./place_rules.ts";
import { PLACES } from "./shared_places.ts";

const { signal } = new AbortController();
const WISH = { version: "v2", isOrdered: true, isUrgent: false, onWaiting: () => {} };
const FIRST = [..."abzABZ019"];
const ODD = ["..", "...", ".", "@", "-", "_", "_2E", "%", "a", "B", "7"];

const names = fc.tuple(fc.constantFrom(...FIRST), fc.array(fc.constantFrom(...ODD)))
  .map(([first, rest]) => [first, ...rest].join(""))
  .filter((name) => {
    try {
      return appName.parse(name) === name;
    } catch {
      return false;
    }
  });

/** Keeps what it was asked for. */
class KeyStore extends MemoryStore {
  readonly keys = new Set<string>();

  override look(key: string) {
    this.keys.add(key);
    return super.look(key);
  }

  override put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.keys.add(key);
    return super.put(key, bytes);
  }
}

function fleetOf(name: string, store: Store, clock = new ManualClock()): Fleet {
  const log = new LinesLog();
  const date = () => 1e12;
  return new Fleet({
    ...{ name, store, clock, date, log },
    ...{ maxUnavailable: 1, host: "one", leaseMs: 60_000 },
  });
}

/** Every key that a fleet of this name uses. */
async function keysOf(name: string): Promise<string[]> {
  const store = new KeyStore(() => 0);
  const answer = await fleetOf(name, store).take(WISH, signal);
  assert(answer.outcome === "granted");
  await answer.turn.end({ outcome: "failed", detail: "bad" });
  return [...store.keys].sort();
}

Deno.test("whatever an application is called, every place takes the keys of its fleet", () =>
  fc.assert(fc.asyncProperty(names, async (name) => {
    const keys = await keysOf(name);
    assertEquals(keys.length, 3);
    for (const [place, accepts] of Object.entries(KEY_RULES)) {
      for (const key of keys) assert(accepts(key), `${place} refuses ${key}`);
    }
  })));

Deno.test("applications of different names are different fleets", () =>
  fc.assert(fc.asyncProperty(names, names, async (one, other) => {
    fc.pre(one !== other);
    const keys = await keysOf(one);
    for (const key of await keysOf(other)) assert(!keys.includes(key), key);
  })));

Deno.test("an ordinary name stands in the keys as it is", async () => {
  for (const name of ["shop", "my_app", "blog-2", "shop.example.com", "V1"]) {
    assertEquals((await keysOf(name))[0], `fleet/${name}/failed`);
  }
});

for (const [kind, { open, skip = {} }] of Object.entries(PLACES)) {
  Deno.test({
    name: `${kind}: a fleet with an odd name takes turns`,
    ...skip,
    async fn() {
      const clock = new ManualClock();
      await using place = await open(clock);
      const fleet = fleetOf("a..b@c.", place.store, clock);
      const answer = await fleet.take(WISH, signal);
      assert(answer.outcome === "granted");
      await answer.turn.end({ outcome: "failed", detail: "bad" });
      assertEquals((await fleet.failure(signal))?.version, "v2");
    },
  });
}

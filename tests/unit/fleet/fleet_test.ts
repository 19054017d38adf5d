import { assert, assertEquals, assertRejects } from "@std/assert";
import { RedisStore } from "../../../src/cache/redis_store.ts";
import { StoreError } from "../../../src/cache/store.ts";
import { Fleet } from "../../../src/fleet/fleet.ts";
import type { LeasedTurn } from "../../../src/fleet/turn.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { RedisServer } from "../../helpers/redis_server.ts";
import { needs, program } from "../../helpers/skip.ts";
import { LinesLog } from "../cache/lines_log.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { FlakyStore } from "./flaky_store.ts";

const LEASE_MS = 60_000;
const MINUTE_MS = 60_000;
const { signal } = new AbortController();

/** Several hosts with one store and one clock. */
class Scene {
  readonly clock = new ManualClock();
  readonly store = new FlakyStore(() => this.clock.now());
  readonly log = new LinesLog();

  host(host: string, maxUnavailable = 1): Fleet {
    const { store, clock, log } = this;
    const date = () => 1e12 + clock.now();
    const leaseMs = LEASE_MS;
    return new Fleet({ store, name: "shop", maxUnavailable, host, clock, date, log, leaseMs });
  }
}

/** What is wanted; who was waited for is put into `waits`. */
function wishFor(version: string, { isOrdered = false, isUrgent = false, waits = [] as string[] }) {
  return { version, isOrdered, isUrgent, onWaiting: (detail: string) => void waits.push(detail) };
}

async function take(
  fleet: Fleet,
  version = "v2",
  wish: Parameters<typeof wishFor>[1] = {},
): Promise<LeasedTurn> {
  const answer = await fleet.take(wishFor(version, wish), signal);
  assert(answer.outcome === "granted", "stopped");
  return answer.turn as LeasedTurn;
}

/** Rolls on so many hosts; tells how many rolled at the same time at most, and how many did. */
async function rollAll(scene: Scene, count: number, maxUnavailable: number) {
  let [now, most, done] = [0, 0, 0];
  const roll = async (fleet: Fleet) => {
    const turn = await take(fleet);
    most = Math.max(most, ++now);
    await scene.clock.sleep(3 * MINUTE_MS);
    assertEquals(turn.lost.aborted, false);
    now--;
    done++;
    await turn.end({ outcome: "succeeded" });
  };
  const rolls = Promise.all(
    Array.from({ length: count }, (_, index) => roll(scene.host(`h${index}`, maxUnavailable))),
  );
  for (let minute = 0; minute < 20; minute++) await scene.clock.advance(MINUTE_MS);
  await rolls;
  return { most, done };
}

Deno.test("hosts roll one after another, however long each takes", async () => {
  assertEquals(await rollAll(new Scene(), 4, 1), { most: 1, done: 4 });
});

Deno.test("as many hosts roll at the same time as may be unavailable", async () => {
  assertEquals(await rollAll(new Scene(), 5, 2), { most: 2, done: 5 });
});

Deno.test("a version that fails on one host is not tried on another", async () => {
  const scene = new Scene();
  const turn = await take(scene.host("one"));
  const waiting = scene.host("other").take(wishFor("v2", {}), signal);
  await scene.clock.advance(5_000);
  await turn.end({ outcome: "failed", detail: "it exited with code 1" });
  await scene.clock.advance(5_000);
  const detail = "the fleet has stopped: it failed on one at 2001-09-09T01:46:45.000Z: " +
    "it exited with code 1";
  assertEquals(await waiting, { outcome: "stopped", detail });
});

Deno.test("the next version is tried", async () => {
  const scene = new Scene();
  await (await take(scene.host("one"))).end({ outcome: "failed", detail: "bad" });
  await (await take(scene.host("other"), "v3")).end({ outcome: "succeeded" });
});

Deno.test("a person can try it again, and if it is well then, all may", async () => {
  const scene = new Scene();
  await (await take(scene.host("one"))).end({ outcome: "failed", detail: "bad" });
  const again = await take(scene.host("other"), "v2", { isOrdered: true });
  await again.end({ outcome: "succeeded" });
  await (await take(scene.host("third"))).end({ outcome: "succeeded" });
});

Deno.test("a failure can be forgiven", async () => {
  const scene = new Scene();
  const fleet = scene.host("one");
  await (await take(fleet)).end({ outcome: "failed", detail: "bad" });
  assertEquals((await fleet.failure(signal))?.version, "v2");
  await fleet.forgive("v2", signal);
  await (await take(scene.host("other"))).end({ outcome: "succeeded" });
});

Deno.test("a roll that was called off says nothing about the version", async () => {
  const scene = new Scene();
  await (await take(scene.host("one"))).end({ outcome: "interrupted" });
  await (await take(scene.host("other"))).end({ outcome: "succeeded" });
});

Deno.test("the host where it failed tries again in its own time, and then all may", async () => {
  const scene = new Scene();
  await (await take(scene.host("one"))).end({ outcome: "failed", detail: "bad" });
  await (await take(scene.host("one"))).end({ outcome: "succeeded" });
  await (await take(scene.host("other"))).end({ outcome: "succeeded" });
});

Deno.test("who waits is told who rolls, again when that changes", async () => {
  const scene = new Scene();
  const [first, second] = [await take(scene.host("a", 2)), await take(scene.host("b", 2))];
  const waits: string[] = [];
  const taking = take(scene.host("d", 2), "v2", { waits });
  await scene.clock.advance(5_000);
  assertEquals(waits, ["a and b roll"]);
  await first.end({ outcome: "succeeded" });
  const third = await take(scene.host("c", 2));
  await scene.clock.advance(5_000);
  assertEquals(waits, ["a and b roll", "b and c roll"]);
  for (const turn of [second, third]) await turn.end({ outcome: "succeeded" });
  await scene.clock.advance(5_000);
  await (await taking).end({ outcome: "succeeded" });
});

Deno.test("where nothing serves, nobody is waited for, but a bad version is not tried", async () => {
  const scene = new Scene();
  const turn = await take(scene.host("one"));
  const urgent = await take(scene.host("other"), "v2", { isUrgent: true });
  assertEquals([turn.fence > 0, urgent.fence], [true, 0]);
  await urgent.end({ outcome: "failed", detail: "bad" });
  const stopped = await scene.host("third").take(wishFor("v2", { isUrgent: true }), signal);
  assertEquals(stopped.outcome, "stopped");
  await turn.end({ outcome: "succeeded" });
});

Deno.test("where nothing serves, a store that is away does not matter", async () => {
  const scene = new Scene();
  scene.store.isBroken = true;
  const turn = await take(scene.host("one"), "v2", { isUrgent: true });
  await turn.end({ outcome: "interrupted" });
  assertEquals(scene.log.lines, [
    "warn Nothing serves, no turn is waited for: Cannot use it: it is broken",
  ]);
});

Deno.test("the turn of a host that died ends by itself", async () => {
  const scene = new Scene();
  const dead = { holder: "dead", ttlMs: LEASE_MS, signal };
  await scene.store.lease("fleet/shop/turn-0", dead);
  await scene.store.put("fleet/shop/turn-0-host", new TextEncoder().encode("dead"));
  let turn: LeasedTurn | null = null;
  const waits: string[] = [];
  const taking = take(scene.host("one"), "v2", { waits }).then((taken) => turn = taken);
  await scene.clock.advance(LEASE_MS - 1_000);
  assertEquals(turn, null);
  await scene.clock.advance(2_000);
  await (await taking).end({ outcome: "succeeded" });
  assertEquals(waits, ["dead rolls"]);
});

Deno.test("a host that cannot renew its turn is told before another one has it", async () => {
  const scene = new Scene();
  const turn = await take(scene.host("one"));
  scene.store.isBroken = true;
  await scene.clock.advance(LEASE_MS / 2);
  assertEquals(turn.lost.aborted, false);
  await scene.clock.advance(LEASE_MS / 2 - 1);
  assertEquals(turn.lost.aborted, true);
  await turn.end({ outcome: "interrupted" });
});

Deno.test("a store that is away for a moment costs nobody a turn", async () => {
  const scene = new Scene();
  const turn = await take(scene.host("one"));
  scene.store.isBroken = true;
  await scene.clock.advance(LEASE_MS / 2);
  scene.store.isBroken = false;
  await scene.clock.advance(10 * LEASE_MS);
  assertEquals(turn.lost.aborted, false);
  await turn.end({ outcome: "succeeded" });
});

Deno.test("without its store, no host gets a turn", async () => {
  const scene = new Scene();
  scene.store.isBroken = true;
  await assertRejects(() => take(scene.host("one")), StoreError, "it is broken");
});

Deno.test("who waits for a turn can be called off", async () => {
  const scene = new Scene();
  const turn = await take(scene.host("one"));
  const stop = new AbortController();
  const wish = wishFor("v2", {});
  const waiting = assertRejects(() => scene.host("other").take(wish, stop.signal), DOMException);
  await scene.clock.advance(5_000);
  stop.abort();
  await waiting;
  await turn.end({ outcome: "succeeded" });
});

Deno.test({
  name: "redis: the turn of a process that is killed passes on",
  ...needs(program("redis-server")),
  async fn() {
    await using server = await RedisServer.start();
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("./hold_turn.ts", import.meta.url).pathname, `${server.port}`],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const store = new RedisStore(server.place());
    try {
      assertEquals((await reader.read()).value?.trim(), "granted");
      const fleet = new Fleet({
        ...{ store, name: "shop", maxUnavailable: 1, host: "other", clock: systemClock },
        date: Date.now,
        log: new LinesLog(),
        leaseMs: 1_000,
      });
      const taking = take(fleet);
      holder.kill("SIGKILL");
      const turn = await taking;
      assert(turn.fence > 1);
      await turn.end({ outcome: "succeeded" });
    } finally {
      await reader.cancel();
      await holder.status;
      await store.close();
    }
  },
});

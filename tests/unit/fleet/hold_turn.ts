/** Takes a turn at the Redis server at the port that it is given, says so, and keeps it. */
import { RedisStore } from "../../../src/cache/redis_store.ts";
import { Fleet } from "../../../src/fleet/fleet.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { LinesLog } from "../cache/lines_log.ts";

const { signal } = new AbortController();
const store = new RedisStore({
  ...{ host: "127.0.0.1", port: Number(Deno.args[0]), db: 0, isTls: false },
  ...{ username: null, password: null, prefix: "" },
});
const fleet = new Fleet({
  ...{ store, name: "shop", maxUnavailable: 1, host: "one", clock: systemClock },
  date: Date.now,
  log: new LinesLog(),
  leaseMs: 1_000,
});
const wish = { version: "v2", isOrdered: false, isUrgent: false, onWaiting: () => {} };
const { outcome } = await fleet.take(wish, signal);
console.log(outcome);

import { assertEquals, assertRejects } from "@std/assert";
import { BucketStore } from "../../../src/cache/bucket_store.ts";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { RedisStore } from "../../../src/cache/redis_store.ts";
import { SharedReleases } from "../../../src/cache/shared_releases.ts";
import { type Store, StoreError } from "../../../src/cache/store.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { openGcs } from "../../../src/source/gcs/open_gcs.ts";
import { RegistryError } from "../../../src/source/registry.ts";
import { openS3 } from "../../../src/source/s3/open_s3.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";
import { ConsulServer } from "../../helpers/consul_server.ts";
import { GcsDouble } from "../../helpers/gcs_double.ts";
import { named } from "../../helpers/named.ts";
import { namedBucket } from "../../helpers/named_bucket.ts";
import { RedisServer } from "../../helpers/redis_server.ts";
import { S3Double } from "../../helpers/s3_double.ts";
import { needs, program } from "../../helpers/skip.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { FakeRegistry, releaseOf } from "./fake_registry.ts";
import { LinesLog } from "./lines_log.ts";

const TTL_MS = 60_000;
const MAX_STALE_MS = 3600_000;
const KEY = "registry-cache/1.json";
const { signal } = new AbortController();

/** Several hosts with one registry, one store, and one clock. */
class Hosts {
  readonly clock = new ManualClock();
  readonly registry = new FakeRegistry();
  readonly log = new LinesLog();
  readonly store: Store;

  constructor(store?: Store) {
    this.store = store ?? new MemoryStore(() => this.clock.now());
    this.registry.list = [releaseOf("v1.0.0")];
  }

  host(name = "one"): SharedReleases {
    const { clock, registry, log, store } = this;
    return new SharedReleases({
      registry,
      store,
      key: KEY,
      ttlMs: TTL_MS,
      maxStaleMs: MAX_STALE_MS,
      holder: name,
      clock,
      date: () => 1e12 + clock.now(),
      log,
    });
  }
}

function broken(): Store {
  const fail = () => Promise.reject(new StoreError("Cannot use it: it is broken"));
  return {
    name: "broken",
    pieceBytes: 1,
    get: fail,
    look: fail,
    put: fail,
    putIf: fail,
    lease: fail,
    close: () => Promise.resolve(),
  };
}

Deno.test("of many hosts, one asks the registry in each TTL", async () => {
  const hosts = new Hosts();
  const all = Array.from({ length: 5 }, (_, index) => hosts.host(`host-${index}`));
  for (let ttl = 1; ttl <= 3; ttl++) {
    for (let poll = 0; poll < 6; poll++) {
      const answers = Promise.all(all.map((host) => host.releases(signal)));
      await hosts.clock.advance(TTL_MS / 6);
      assertEquals((await answers).map(([release]) => release?.tag), Array(5).fill("v1.0.0"));
    }
    assertEquals(hosts.registry.asked, ttl);
  }
});

Deno.test("who comes while another asks waits for that answer", async () => {
  const hosts = new Hosts();
  const gate = Promise.withResolvers<void>();
  hosts.registry.onAsk = () => gate.promise;
  const [first, second] = [hosts.host().releases(signal), hosts.host().releases(signal)];
  await hosts.clock.advance(5_000);
  assertEquals(hosts.registry.asked, 1);
  gate.resolve();
  await hosts.clock.advance(1_000);
  assertEquals(await first, await second);
  assertEquals(hosts.registry.asked, 1);
});

Deno.test("an answer of many pages may take longer than its lease: nobody else asks meanwhile", async () => {
  const hosts = new Hosts();
  const gate = Promise.withResolvers<void>();
  hosts.registry.onAsk = () => gate.promise;
  const [first, second] = [hosts.host().releases(signal), hosts.host().releases(signal)];
  for (let half = 0; half < 8; half++) await hosts.clock.advance(15_000);
  assertEquals(hosts.registry.asked, 1);
  gate.resolve();
  await hosts.clock.advance(1_000);
  assertEquals(await first, await second);
});

Deno.test("when the one who asks dies, another asks after a while", async () => {
  const hosts = new Hosts();
  await hosts.store.lease(`${KEY}.lock`, { holder: "dead", ttlMs: 60_000, signal });
  const answer = hosts.host().releases(signal);
  await hosts.clock.advance(59_000);
  assertEquals(hosts.registry.asked, 0);
  await hosts.clock.advance(2_000);
  await answer;
  assertEquals(hosts.registry.asked, 1);
});

Deno.test("who is called off while it asks does not keep others waiting", async () => {
  const hosts = new Hosts();
  const stop = new AbortController();
  hosts.registry.onAsk = () =>
    new Promise((_, reject) => {
      stop.signal.addEventListener("abort", () => reject(stop.signal.reason));
    });
  const first = assertRejects(() => hosts.host().releases(stop.signal), DOMException);
  await hosts.clock.advance(1_000);
  stop.abort();
  await first;
  hosts.registry.onAsk = () => Promise.resolve();
  await hosts.host().releases(signal);
  assertEquals(hosts.registry.asked, 2);
});

Deno.test("while the registry is down, its last answer is good for a while, and that is told", async () => {
  const hosts = new Hosts();
  const host = hosts.host();
  await host.releases(signal);
  hosts.registry.failure = new RegistryError("unreachable", "Cannot reach it");
  await hosts.clock.advance(TTL_MS);
  for (let poll = 0; poll < 3; poll++) {
    assertEquals((await host.releases(signal))[0]?.tag, "v1.0.0");
  }
  assertEquals(hosts.registry.asked, 2);
  assertEquals(hosts.log.lines, [
    "warn Going by what the registry said at 2001-09-09T01:46:40.000Z, it cannot be asked now: " +
    "Cannot reach it",
  ]);
  await hosts.clock.advance(MAX_STALE_MS);
  await assertRejects(() => host.releases(signal), RegistryError, "Cannot reach it");
  hosts.registry.failure = null;
  await hosts.clock.advance(TTL_MS);
  await host.releases(signal);
  assertEquals(hosts.log.lines.at(-1), "info The registry is asked as it should be again");
});

Deno.test("a registry that wants to be left alone is left alone by all", async () => {
  const hosts = new Hosts();
  const [one, other] = [hosts.host("one"), hosts.host("other")];
  const retryAfterMs = 10 * TTL_MS;
  hosts.registry.failure = new RegistryError("rate_limited", "Slow down", { retryAfterMs });
  await assertRejects(() => one.releases(signal), RegistryError);
  await hosts.clock.advance(9 * TTL_MS);
  const error = await assertRejects(() => other.releases(signal), RegistryError, "Slow down");
  assertEquals(error.retryAfterMs, TTL_MS);
  assertEquals(hosts.registry.asked, 1);
});

Deno.test("a refusal that is about one host is not passed on to others", async () => {
  const hosts = new Hosts();
  hosts.registry.failure = new RegistryError("unauthorized", "Who are you?");
  await assertRejects(() => hosts.host("one").releases(signal), RegistryError);
  hosts.registry.failure = null;
  assertEquals((await hosts.host("other").releases(signal))[0]?.tag, "v1.0.0");
});

Deno.test("without its store the registry is asked directly, and that is told once", async () => {
  const hosts = new Hosts(broken());
  const host = hosts.host();
  for (let poll = 0; poll < 3; poll++) {
    assertEquals((await host.releases(signal))[0]?.tag, "v1.0.0");
  }
  assertEquals(hosts.log.lines, [
    "warn The registry is asked without the cache: Cannot use it: it is broken",
  ]);
});

Deno.test("an answer in the store that makes no sense is not used", async () => {
  for (const text of ["", "{", "null", "[]", '{"fetchedAt":1e12,"releases":[{}],"trouble":null}']) {
    const hosts = new Hosts();
    await hosts.store.put(KEY, new TextEncoder().encode(text), signal);
    assertEquals((await hosts.host().releases(signal))[0]?.tag, "v1.0.0");
    assertEquals(hosts.registry.asked, 1);
  }
});

Deno.test("an answer from far in the future is not used", async () => {
  const hosts = new Hosts();
  const entry = { fetchedAt: 2e12, releases: [], trouble: null };
  await hosts.store.put(KEY, new TextEncoder().encode(JSON.stringify(entry)), signal);
  assertEquals((await hosts.host().releases(signal)).length, 1);
});

/** What they have in common is the store alone; each has a client of its own. */
async function oneAsks(open: () => Promise<Store>): Promise<void> {
  const registry = new FakeRegistry();
  registry.list = [releaseOf("v1.0.0")];
  const stores = await Promise.all(Array.from({ length: 6 }, open));
  try {
    const hosts = stores.map((store, index) =>
      new SharedReleases({
        ...{ registry, store, key: KEY, ttlMs: TTL_MS, maxStaleMs: 0, holder: `${index}` },
        clock: systemClock,
        date: Date.now,
        log: new LinesLog(),
      })
    );
    for (let poll = 0; poll < 3; poll++) {
      const answers = await Promise.all(hosts.map((host) => host.releases(signal)));
      assertEquals(answers.map(([release]) => release?.tag), Array(6).fill("v1.0.0"));
    }
    assertEquals(registry.asked, 1);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

Deno.test({
  name: "redis: of many hosts that ask at the same time, one asks the registry",
  ...needs(program("redis-server")),
  async fn() {
    await using server = await RedisServer.start();
    await oneAsks(() => Promise.resolve(new RedisStore(server.place())));
  },
});

Deno.test("consul: of many hosts that ask at the same time, one asks the registry", async () => {
  await using double = new ConsulDouble();
  const place = { url: `http://${double.host}`, prefix: "", datacenter: null, token: null };
  await oneAsks(() => Promise.resolve(new ConsulStore(place)));
});

Deno.test("s3: of many hosts that ask at the same time, one asks the registry", async () => {
  await using double = new S3Double();
  const place = { region: "eu-west-1", bucket: "releases", prefix: "", endpoint: double.endpoint };
  const open = () => openS3(place, { AWS_EC2_METADATA_DISABLED: "true" }, Date.now);
  await oneAsks(() => Promise.resolve(new BucketStore(open(), "", systemClock)));
});

Deno.test("gs: of many hosts that ask at the same time, one asks the registry", async () => {
  await using double = new GcsDouble();
  const open = () => openGcs("releases", { STORAGE_EMULATOR_HOST: double.host }, Date.now);
  await oneAsks(async () => new BucketStore(await open(), "", systemClock));
});

const consul = named("CONSUL");
if (consul !== null) {
  Deno.test("real consul: of many hosts that ask at the same time, one asks the registry", async () => {
    await using server = await ConsulServer.start(consul, null);
    const place = { url: `http://${server.host}`, prefix: "a/", datacenter: null, token: null };
    await oneAsks(() => Promise.resolve(new ConsulStore(place)));
  });
}

const newBucket = namedBucket();
if (newBucket !== null) {
  Deno.test("real s3: of many hosts that ask at the same time, one asks the registry", async () => {
    const { bucket, target } = newBucket();
    await oneAsks(() => Promise.resolve(new BucketStore(bucket, target.prefix, systemClock)));
  });
}

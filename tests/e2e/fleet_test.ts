import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ConsulServer } from "../helpers/consul_server.ts";
import { type FleetHosts, type FleetPlace, withFleet } from "../helpers/fleet.ts";
import type { Liveroll } from "../helpers/liveroll.ts";
import { named } from "../helpers/named.ts";
import { namedBucket } from "../helpers/named_bucket.ts";
import { RedisServer } from "../helpers/redis_server.ts";
import { needs, program } from "../helpers/skip.ts";

/** All hosts serve `version`, and each had its turn when nobody else had one. */
async function goesThrough(fleet: FleetHosts, version: string): Promise<void> {
  await Promise.all(fleet.hosts.map((host) => host.waitFor("roll.succeeded", { id: version })));
  const passages = fleet.passages(version);
  for (const [index, { host, from, to }] of passages.entries()) {
    assert(from < to, `${host} has a turn from ${from} to ${to}`);
    const next = passages[index + 1];
    assert(next === undefined || to <= next.from, `${host} and ${next?.host} roll at a time`);
  }
}

function tries(host: Liveroll, version: string): number {
  return host.events("roll.candidate", ({ instance }) => instance.id === version).length;
}

/** A place where hosts take turns, for the time of a test. */
type Place = FleetPlace & AsyncDisposable;

/** What a fleet promises, wherever its hosts take turns. */
function testFleet(
  kind: string,
  open: () => Promise<Place>,
  skip: { ignore?: boolean } = {},
): void {
  Deno.test({
    name:
      `hosts with one ${kind} roll one after another, past one that died, and stop at a failure`,
    ...skip,
    async fn(t) {
      await using place = await open();
      await withFleet(place, 3, async (fleet) => {
        await Promise.all(fleet.hosts.map((host) => host.waitFor("roll.succeeded")));

        await t.step("a version goes through all of them, one at a time", async () => {
          fleet.publish("v2");
          await goesThrough(fleet, "v2");
        });

        await t.step("a host that is killed in its gate gives way, and comes back", async () => {
          const [first, ...others] = fleet.hosts as [Liveroll, ...Liveroll[]];
          fleet.publish("v3", { health: { hangFirst: -1 } }, [first]);
          await first.waitFor("roll.candidate", ({ instance }) => instance.id === "v3");
          fleet.publish("v4", {}, others);
          const waits = others.map((host) => host.waitFor("turn.waiting", { id: "v4" }));
          const detail = `${fleet.nameOf(first)} rolls`;
          assertEquals((await Promise.all(waits)).map((wait) => wait.detail), [detail, detail]);
          using client = others[0]!.home.client();
          const status = await client.status();
          assertStringIncludes(status.detail, `waiting for its turn: ${detail}`);
          assertEquals(status.roll?.phase, "turn");
          await first.stop("SIGKILL");
          await Promise.all(others.map((host) => host.waitFor("roll.succeeded", { id: "v4" })));
          fleet.publish("v2", {}, [first]);
          const again = fleet.restart(first);
          await again.waitFor("roll.succeeded", { id: "v2" });
          fleet.publish("v4", {}, [again]);
          await goesThrough(fleet, "v4");
        });

        await t.step("a bad version is tried on one host only", async () => {
          fleet.publish("v5", { crash: { code: 7, lastWords: ["no"] } });
          const ends = await Promise.all(
            fleet.hosts.map((host) => host.waitFor("roll.failed", { id: "v5" })),
          );
          assertEquals(ends.map(({ reason }) => reason).sort(), ["exited", "no_turn", "no_turn"]);
          assertEquals(fleet.hosts.map((host) => tries(host, "v5")).sort(), [0, 0, 1]);
          const failed = fleet.hosts[ends.findIndex(({ reason }) => reason === "exited")]!;
          for (const { detail } of ends.filter(({ reason }) => reason === "no_turn")) {
            assertStringIncludes(
              detail,
              `the fleet has stopped: it failed on ${fleet.nameOf(failed)}`,
            );
            assertStringIncludes(detail, "it exited with code 7");
          }
          for (const host of fleet.hosts) assertEquals((await host.ask()).text, "v4");
        });

        await t.step("the next one, which is well, goes through all of them", async () => {
          fleet.publish("v6");
          await goesThrough(fleet, "v6");
          for (const host of fleet.hosts) assertEquals((await host.ask()).text, "v6");
          assertEquals(fleet.hosts.map((host) => tries(host, "v5")).sort(), [0, 0, 1]);
        });
      });
    },
  });
}

testFleet("Redis", async () => {
  const redis = await RedisServer.start();
  const url = `redis://127.0.0.1:${redis.port}`;
  return { url, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() };
}, needs(program("redis-server")));

const consul = named("CONSUL");
if (consul !== null) {
  testFleet("Consul", async () => {
    const server = await ConsulServer.start(consul, null);
    const url = `consul://${server.host}`;
    return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  });
}

const newBucket = namedBucket();
if (newBucket !== null) {
  testFleet("bucket", () => {
    const { url } = newBucket();
    return Promise.resolve({ url, [Symbol.asyncDispose]: () => Promise.resolve() });
  });
}

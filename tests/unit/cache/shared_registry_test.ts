import { assertEquals } from "@std/assert";
import { ConsulStore } from "../../../src/cache/consul_store.ts";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { sharedRegistry } from "../../../src/cache/shared_registry.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { ConsulDouble } from "../../helpers/consul_double.ts";
import { FakeRegistry, releaseOf } from "./fake_registry.ts";
import { LinesLog } from "./lines_log.ts";

const { signal } = new AbortController();

for (const ttlMs of [0, 1000]) {
  Deno.test(`images stay images when their tags are shared for ${ttlMs} ms`, async () => {
    for (const hasFiles of [true, false]) {
      const registry = Object.assign(new FakeRegistry(), { hasFiles });
      const shared = await sharedRegistry(registry, {
        store: new MemoryStore(() => 0),
        isPrivate: false,
        identity: [],
        ttlMs,
        maxStaleMs: 0,
        holder: "here",
        clock: systemClock,
        date: () => 0,
        log: new LinesLog(),
      });
      assertEquals(shared.hasFiles, hasFiles);
    }
  });
}

Deno.test("a store that keeps no artifacts shares answers only", async () => {
  await using double = new ConsulDouble();
  const place = { url: `http://${double.host}`, prefix: "", datacenter: null, token: null };
  const registry = new FakeRegistry();
  registry.list = [releaseOf("v1.0.0")];
  registry.content = new Uint8Array(10);
  for (let host = 0; host < 2; host++) {
    const shared = await sharedRegistry(registry, {
      store: new ConsulStore(place),
      isPrivate: false,
      identity: [],
      ttlMs: 60_000,
      maxStaleMs: 0,
      holder: "here",
      clock: systemClock,
      date: () => 0,
      log: new LinesLog(),
    });
    const [release] = await shared.releases(signal);
    const { body } = await shared.fetch(release!.assets[0]!, { offset: 0, signal });
    assertEquals(await new Response(body).bytes(), registry.content);
  }
  assertEquals([registry.asked, registry.offsets], [1, [0, 0]]);
  assertEquals([...double.entries.keys()].filter((key) => !key.startsWith("registry-cache/")), []);
});

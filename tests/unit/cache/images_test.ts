import { assertEquals } from "@std/assert";
import { MemoryStore } from "../../../src/cache/memory_store.ts";
import { sharedRegistry } from "../../../src/cache/shared_registry.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { FakeRegistry } from "./fake_registry.ts";
import { LinesLog } from "./lines_log.ts";

for (const ttlMs of [0, 1000]) {
  Deno.test(`images stay images when their tags are shared for ${ttlMs} ms`, async () => {
    for (const hasFiles of [true, false]) {
      const registry = Object.assign(new FakeRegistry(), { hasFiles });
      const shared = await sharedRegistry(registry, {
        store: new MemoryStore(() => 0),
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

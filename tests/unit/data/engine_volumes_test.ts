import { assertEquals, assertRejects } from "@std/assert";
import type { Engine } from "../../../src/container/engine/engine.ts";
import { EngineError } from "../../../src/container/engine/engine_error.ts";
import type { Volume } from "../../../src/container/engine/surroundings.ts";
import { EngineVolumes } from "../../../src/data/engine_volumes.ts";

const VOLUME: Volume = { name: "v", driver: "local", path: "/v/_data", options: {}, labels: {} };

function withVolume(volume: () => Volume): EngineVolumes {
  const surroundings = { volume: () => new Promise((resolve) => resolve(volume())) };
  const engine = { surroundings } as unknown as Pick<Engine, "surroundings">;
  return new EngineVolumes(engine, new AbortController().signal);
}

Deno.test("a volume is on this host if it is nothing else underneath", async () => {
  const mountpoint = (facts: Partial<Volume>) =>
    withVolume(() => ({ ...VOLUME, ...facts })).volumeMountpoint("v");
  assertEquals(await mountpoint({}), "/v/_data");
  assertEquals(await mountpoint({ driver: "rexray" }), null);
  const options = { type: "nfs", o: "addr=10.0.0.1", device: ":/x" };
  assertEquals(await mountpoint({ options }), null);
});

Deno.test("a volume that does not exist is nowhere; that is not said of an engine that fails", async () => {
  const failing = (refusal: "not_found" | "failed") =>
    withVolume(() => {
      throw new EngineError("look at volume v", refusal, "no", 500);
    }).volumeMountpoint("v");
  assertEquals(await failing("not_found"), null);
  await assertRejects(() => failing("failed"), EngineError);
});

import { assertEquals, assertRejects } from "@std/assert";
import { StackEngine } from "../../../src/compose/stack_engine.ts";
import type { Engine } from "../../../src/container/engine/engine.ts";
import { EngineError } from "../../../src/container/engine/engine_error.ts";
import type { Volume } from "../../../src/container/engine/surroundings.ts";

type Asked = Pick<Engine, "containers" | "surroundings">;

const VOLUME: Volume = { name: "v", driver: "local", path: "/v/_data", options: {}, labels: {} };

function withVolume(volume: () => Volume): StackEngine {
  const surroundings = { volume: () => new Promise((resolve) => resolve(volume())) };
  return new StackEngine({ surroundings } as unknown as Asked, new AbortController().signal);
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

Deno.test("containers are found by all of their labels", async () => {
  const asked: (readonly string[])[] = [];
  const containers = {
    list(labels: readonly string[]) {
      asked.push(labels);
      return Promise.resolve([{ id: "c1", labels: { "liveroll.app": "blog" } }]);
    },
  };
  const engine = new StackEngine({ containers } as unknown as Asked, new AbortController().signal);
  assertEquals(await engine.findContainers({ a: "1", b: "2" }), ["c1"]);
  assertEquals(await engine.labels("blog"), [{ "liveroll.app": "blog" }]);
  assertEquals(asked, [["a=1", "b=2"], ["com.docker.compose.project=blog"]]);
});

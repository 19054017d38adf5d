import { assertEquals } from "@std/assert";
import { StackEngine } from "../../../src/compose/stack_engine.ts";
import type { Engine } from "../../../src/container/engine/engine.ts";

Deno.test("containers are found by all of their labels", async () => {
  const asked: (readonly string[])[] = [];
  const containers = {
    list(labels: readonly string[]) {
      asked.push(labels);
      return Promise.resolve([{ id: "c1", labels: { "liveroll.app": "blog" } }]);
    },
  };
  const asking = { containers } as unknown as Pick<Engine, "containers">;
  const engine = new StackEngine(asking, new AbortController().signal);
  assertEquals(await engine.findContainers({ a: "1", b: "2" }), ["c1"]);
  assertEquals(await engine.labels("blog"), [{ "liveroll.app": "blog" }]);
  assertEquals(asked, [["a=1", "b=2"], ["com.docker.compose.project=blog"]]);
});

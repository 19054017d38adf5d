import { assertEquals } from "@std/assert";
import { EngineWatch } from "../../../../src/runtime/container/engine_watch.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import { SimClock } from "../../../simulation/sim_clock.ts";

/** An engine that is watched, and what one container's guardian hears. */
class Scene implements AsyncDisposable {
  readonly clock = new SimClock();
  readonly fake = new FakeEngine(this.clock);
  readonly heard: string[] = [];
  readonly told: string[] = [];
  readonly container = this.fake.put("web-1", { Image: "web", Labels: { app: "web" } });
  readonly watch: EngineWatch;

  constructor() {
    const note = (message: string) => void this.told.push(message);
    this.watch = new EngineWatch({
      engine: this.fake.engine,
      labels: ["app=web"],
      clock: this.clock,
      date: () => this.clock.now(),
      log: { debug: note, info: note, warn: note, error: note },
    });
  }

  listen(): Disposable {
    return this.watch.listen(this.container.id, {
      onEvent: ({ action }) => void this.heard.push(action),
      onReturn: () => void this.heard.push("(back)"),
    });
  }

  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (await this.clock.step(until));
    for (let turn = 0; turn < 5; turn++) await this.clock.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watch[Symbol.asyncDispose]();
  }
}

Deno.test("who listens to a container hears what happens to it, until that is disposed of", async () => {
  await using scene = new Scene();
  const listening = scene.listen();
  scene.container.start();
  scene.fake.put("web-2", { Image: "web", Labels: { app: "web" } }).start();
  await scene.pass(1);
  assertEquals(scene.heard, ["started"]);
  listening[Symbol.dispose]();
  scene.container.end(1);
  await scene.pass(1);
  assertEquals(scene.heard, ["started"]);
});

Deno.test("a later listener is not taken away by the end of an earlier one", async () => {
  await using scene = new Scene();
  const earlier = scene.listen();
  scene.listen();
  earlier[Symbol.dispose]();
  scene.container.start();
  await scene.pass(1);
  assertEquals(scene.heard, ["started"]);
});

Deno.test("what happens while the engine is away is heard, once it is back", async () => {
  await using scene = new Scene();
  scene.listen();
  await scene.pass(1_000);
  scene.fake.goAway();
  await scene.pass(1);
  assertEquals(scene.watch.isAway, true);
  scene.container.start();
  await scene.pass(20_000);
  assertEquals(scene.heard, []);
  scene.fake.comeBack();
  await scene.pass(6_000);
  assertEquals([scene.heard, scene.watch.isAway], [["(back)", "started"], false]);
  assertEquals(scene.told, ["The engine is away: the engine is away", "The engine is back"]);
});

Deno.test("an engine that answers but tells no news is asked less and less often", async () => {
  await using scene = new Scene();
  scene.fake.before = (call) => {
    if (call === "events") throw new Error("no such call");
  };
  await scene.pass(60_000);
  const asked = scene.fake.asked.filter((call) => call === "events").length;
  assertEquals(asked < 20, true, `${asked}`);
});

Deno.test("an engine that goes away once more, after news, is asked at once again", async () => {
  await using scene = new Scene();
  await scene.pass(1);
  for (const outageMs of [60_000, 100]) {
    scene.fake.goAway();
    await scene.pass(outageMs);
    scene.fake.comeBack();
    await scene.pass(outageMs === 100 ? 600 : 6_000);
    assertEquals(scene.watch.isAway, false);
    scene.container.start();
    await scene.pass(1);
  }
});

Deno.test("an engine that is away is not waited for when all is over", async () => {
  const scene = new Scene();
  scene.fake.goAway();
  await scene.pass(10);
  await scene.watch[Symbol.asyncDispose]();
  assertEquals(scene.clock.pending, 0);
});

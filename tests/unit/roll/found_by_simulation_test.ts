import { assertEquals } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { NO_SETTINGS } from "../../../src/roll/journal.ts";
import { Stage } from "../../../src/roll/stage.ts";
import { FairWorld, Life, never, OPTIONS } from "./fair_world.ts";
import { bornWith } from "./former_life.ts";

/** Situations that the simulation came upon, each with the least that it takes. */

Deno.test("nothing is said to serve while the old version of two that may not coexist leaves", async () => {
  const life = new Life({ exclusive: true });
  await life.serve("v1", { stopsInMs: 5_000 });
  life.publish("v2", { healthyAfterMs: 5_000 });
  while (life.current !== null) await life.pass(10);
  assertEquals(life.detail, "starting v2");
  await life.pass(20_000);
  assertEquals(life.detail, "serving v2 on port 9101");
  await life.end();
});

Deno.test("a pinned version that does not run keeps nothing down after a start of liveroll", async () => {
  const { life, world } = bornWith({
    proven: ["v1"],
    settings: { ...NO_SETTINGS, pinned: "v2" },
  });
  world.behave("v2", { unstartable: true });
  life.begin();
  await life.pass(10_000);
  assertEquals(life.current?.id, "v1");
  await life.end();
});

Deno.test("a pin that liveroll had no time for is made good by the next life", async () => {
  const { life } = bornWith({
    proven: ["v1"],
    settings: { ...NO_SETTINGS, pinned: "v2" },
  });
  life.begin();
  await life.pass(10_000);
  assertEquals(life.current?.id, "v2");
  await life.end();
});

Deno.test("a version that waits for a port is one roll, however often it is found", async () => {
  const life = new Life({ intervalMs: 3_000 });
  await life.serve("v1");
  life.world.strangers.add(9102);
  life.publish("v2");
  await life.pass(60_000);
  life.world.strangers.clear();
  await life.pass(10_000);
  assertEquals(life.current?.id, "v2");
  assertEquals(life.world.of("roll.interrupted"), []);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("a port that is freed while another one is looked at is taken", async () => {
  const world = new FairWorld();
  const stage = new Stage(world, new Chronicle(world.journal, world.observe), OPTIONS);
  const first = await world.await(stage.takePort(never()));
  assertEquals(first, { port: 9101 });
  world.runtime.portHolder = async (port) => {
    if (port !== 9102) return null;
    await world.clock.sleep(1);
    stage.releasePort(9101);
    return "a stranger";
  };
  assertEquals(await world.await(stage.takePort(never())), { port: 9101 });
});

Deno.test("a start that could not be written down leaves nothing for the next life to look for", async () => {
  const { life, book, world } = bornWith({});
  await life.serve("v1");
  const { portHolder } = world.runtime;
  world.runtime.portHolder = (port) => {
    book.problem = "disk full";
    return portHolder(port);
  };
  life.publish("v2");
  while (!book.steps.includes("instance.starting i2")) await life.pass(100);
  await life.pass(100);
  assertEquals(book.next.instances.map(({ key }) => key), ["i1"]);
  book.problem = null;
  world.runtime.portHolder = portHolder;
  await life.pass(20_000);
  assertEquals([life.current?.id, life.current?.key], ["v2", "i2"]);
  await life.end();
});

Deno.test("what the data was changed for comes before what is pinned, which then gets its roll", async () => {
  const changed: string[] = [];
  const { life, world } = bornWith({
    proven: ["v1", "v2"],
    settings: { ...NO_SETTINGS, pinned: "v1" },
  });
  Object.assign(world, {
    data: {
      steps: ["migrate"],
      isOneWay: true,
      obstacle: null,
      run: (_: unknown, { from, to }: { from: string; to: string }) => {
        changed.push(`${from} -> ${to}`);
        return Promise.resolve();
      },
      commit: () => Promise.resolve(),
      undo: () => Promise.resolve({ outcome: "untouched", detail: "" }),
      foresee: () => Promise.resolve(),
      isInTheWay: () => false,
      recover: () => Promise.resolve(null),
    },
  });
  world.behave("v1");
  world.behave("v2");
  life.begin();
  await life.pass(20_000);
  assertEquals(world.of("roll.started").map(({ to }) => to), ["v2", "v1"]);
  assertEquals([life.current?.id, changed], ["v1", ["v2 -> v1"]]);
  await life.end();
});

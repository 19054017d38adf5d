import { assertEquals } from "@std/assert";
import type { Crew } from "../../../../src/runtime/container/crew.ts";
import { Leaving } from "../../../../src/runtime/container/leaving.ts";
import { Replica } from "../../../../src/runtime/container/replica.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import { SimClock } from "../../../simulation/sim_clock.ts";

/** Two containers of which the first answers; `order` tells what was done to them. */
function setUp() {
  const order: string[] = [];
  const names = new Map<string, string>();
  const note = (what: string) => {
    order.push(what);
    return Promise.resolve();
  };
  const crew: Partial<Crew> = {
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    maker: { remove: (id: string) => note(`remove ${names.get(id)}`) } as Partial<
      Crew["maker"]
    > as Crew[
      "maker"
    ],
    stop: (id) => note(`stop ${names.get(id)}`).then(() => "stopped" as const),
    stopTimeoutMs: 0,
  };
  const fake = new FakeEngine(new SimClock());
  const replicas = [0, 1].map((number) => {
    const one = fake.put(`c${number}`, { Image: "web" });
    one.start();
    const replica = new Replica(one.info(), number);
    names.set(one.id, replica.name);
    if (number === 0) replica.up("i7", one.info(), 4711);
    return replica;
  });
  const leave = ({ name }: Replica) => void order.push(`leave ${name}`);
  const leaving = new Leaving(crew as Crew, { leave });
  return { leaving, replicas, order };
}

Deno.test("all leave at once, and each ends when it has nothing to do any more", async () => {
  const { leaving, replicas, order } = setUp();
  const drained = Promise.withResolvers<void>();
  const end = leaving.letGo(replicas, (key) => {
    order.push(`drain ${key.slice(0, 4)}`);
    return drained.promise;
  });
  assertEquals(order.slice(0, 3), ["leave c0", "leave c1", "drain i7/0"]);
  assertEquals([...leaving].map(({ number }) => number), [0, 1]);
  // Nobody has anything to do with one that answers nowhere.
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  assertEquals([...leaving].map(({ number }) => number), [0]);
  assertEquals(order.slice(3), ["stop c1", "remove c1"]);
  drained.resolve();
  await end;
  assertEquals(order.slice(5), ["stop c0", "remove c0"]);
  assertEquals([...leaving], []);
});

Deno.test("one that somebody else has ended meanwhile is not ended again", async () => {
  const { leaving, replicas: [replica], order } = setUp();
  await leaving.letGo([replica!], () => {
    replica!.state = "gone";
    return Promise.resolve();
  });
  assertEquals([order, [...leaving]], [["leave c0"], []]);
});

import { assertEquals } from "@std/assert";
import { behaviour, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { Rig, until } from "./rig.ts";

behaviour("a client that resets its connection is no error of ours", RELAY, async (engine) => {
  const errors: unknown[] = [];
  const asked = Promise.withResolvers<void>();
  const reset = Promise.withResolvers<void>();
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    asked.resolve();
    await reset.promise;
    await conn.write(ok("x".repeat(1_000_000)));
  }, { engine, onError: (error) => errors.push(error) });
  const client = await rig.connect();
  // What is pipelined fills the room for reading ahead, so that only writing can fail.
  await client.write(head("GET /") + head("GET /second", `X: ${"x".repeat(20_000)}`));
  await asked.promise;
  client.close();
  reset.resolve();
  await until(() => rig.proxy.counters.clientGone === 1, "the loss");
  await until(() => rig.proxy.counters.inFlight === 0, "the end");
  assertEquals(errors, []);
});

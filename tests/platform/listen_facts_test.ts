import { assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import { connect } from "node:net";
import { RawConnection } from "../conformance/raw.ts";
import { echoes, HungryListener } from "../helpers/hungry.ts";

Deno.test("a listener of node:net accepts nobody ever again after it ran out of descriptors", async () => {
  await using listener = await HungryListener.start("node");
  const connections = await listener.exhaust();
  assertEquals(await echoes(connections[0] as RawConnection, 10_000), true);
  for (const connection of connections) connection.close();
  await using another = await RawConnection.open(listener.port);
  assertEquals(await echoes(another, 500), false, "it recovers now: nodeNetwork may say so");
});

Deno.test("Deno's accept() fails for a client that has reset its connection already", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = connect(listener.addr.port, "127.0.0.1");
  await once(client, "connect");
  const closed = once(client, "close");
  client.resetAndDestroy();
  await closed;
  await assertRejects(() => listener.accept(), Deno.errors.NotConnected);
  listener.close();
});

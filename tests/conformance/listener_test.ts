import { assertEquals, assertMatch } from "@std/assert";
import { echoes, HungryListener } from "../helpers/hungry.ts";
import { needs, program } from "../helpers/skip.ts";
import { RawConnection } from "./raw.ts";
import { until } from "./rig.ts";

/** Longest wait for something that must happen. */
const LIMIT_MS = 10_000;

Deno.test("item 67 out of file descriptors it serves on, tells it once and accepts again", async () => {
  await using listener = await HungryListener.start("deno");
  const connections = await listener.exhaust();
  await until(() => listener.errors.length > 0, "the error");
  const [first, last] = [connections[0], connections.at(-1)] as [RawConnection, RawConnection];
  assertEquals(await echoes(first, LIMIT_MS), true);
  for (const connection of connections.slice(0, -1)) connection.close();
  assertEquals(await echoes(last, LIMIT_MS), true, "the one that waited in the queue");
  await using another = await RawConnection.open(listener.port);
  assertEquals(await echoes(another, LIMIT_MS), true);
  last.close();
  assertEquals(listener.errors.length, 1);
  assertMatch(
    listener.errors[0] ?? "",
    /^AcceptError: Cannot accept connections: Too many open files/,
  );
});

Deno.test({
  name: "a listening socket that was inherited is adopted",
  ...needs(program("python3")),
  fn: async () => {
    await using listener = await HungryListener.start("inherited");
    await using client = await RawConnection.open(listener.port);
    assertEquals(await echoes(client, LIMIT_MS), true);
    assertEquals(listener.errors, []);
  },
});

import { assertEquals, assertMatch } from "@std/assert";
import { echoes, HungryListener } from "../helpers/hungry.ts";
import { linux, needs, program } from "../helpers/skip.ts";
import { RawConnection } from "./raw.ts";
import { until } from "./rig.ts";

/** Longest wait for something that must happen. */
const LIMIT_MS = 10_000;

/** What is open is served, and so are those that waited and come later, once there are descriptors. */
async function assertRecovers(
  { port }: HungryListener,
  connections: readonly RawConnection[],
): Promise<void> {
  const [first, last] = [connections[0], connections.at(-1)] as [RawConnection, RawConnection];
  assertEquals(await echoes(first, LIMIT_MS), true);
  for (const connection of connections.slice(0, -1)) connection.close();
  assertEquals(await echoes(last, LIMIT_MS), true, "the one that waited in the queue");
  await using another = await RawConnection.open(port);
  assertEquals(await echoes(another, LIMIT_MS), true);
  last.close();
}

Deno.test("item 67 out of file descriptors it serves on, tells it once and accepts again", async () => {
  await using listener = await HungryListener.start("deno");
  const connections = await listener.exhaust();
  await until(() => listener.errors.length > 0, "the error");
  await assertRecovers(listener, connections);
  assertEquals(listener.errors.length, 1);
  assertMatch(
    listener.errors[0] ?? "",
    /^AcceptError: Cannot accept connections: Too many open files/,
  );
});

for (const kind of ["inherited", "inherited-plain"] as const) {
  Deno.test({
    name: `item 67 out of file descriptors a socket is accepted from again (${kind})`,
    ...needs(linux(), program("python3")),
    fn: async () => {
      await using listener = await HungryListener.start(kind);
      const connections = await listener.exhaust();
      if (kind === "inherited") await until(() => listener.errors.length > 0, "the error");
      await assertRecovers(listener, connections);
      assertEquals(listener.errors.length, kind === "inherited" ? 1 : 0);
      for (const error of listener.errors) {
        assertMatch(error, /^AcceptError: .*too many open files/);
      }
    },
  });
}

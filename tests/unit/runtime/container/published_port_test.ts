import { assertEquals, assertMatch } from "@std/assert";
import type { Instance } from "../../../../src/roll/instance.ts";
import { publishedPortProbe } from "../../../../src/runtime/container/published_port.ts";

const NEVER = new AbortController().signal;

/** Asks a port of loopback on which `behave` is done to each connection. */
async function ask(behave: (connection: Deno.Conn) => void | Promise<void>) {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await behave(connection);
    }
  })();
  const { port } = listener.addr;
  const result = await publishedPortProbe()({ host: "127.0.0.1", port } as Instance, NEVER);
  listener.close();
  await accepting;
  for (const connection of open) {
    try {
      connection.close();
    } catch {
      // It is closed already.
    }
  }
  return result;
}

Deno.test("who accepts and waits for a request listens", async () => {
  assertEquals(await ask(() => {}), { healthy: true });
});

Deno.test("who speaks first listens, too", async () => {
  const greet = async (connection: Deno.Conn) => {
    await connection.write(new TextEncoder().encode("220 hello\r\n"));
  };
  assertEquals(await ask(greet), { healthy: true });
});

Deno.test("an engine that finds nobody in the container hangs up, which is no health", async () => {
  assertEquals(await ask((connection) => connection.close()), {
    healthy: false,
    detail: "nobody listens on the port inside the container",
  });
});

Deno.test("where nobody accepts at all, that is said", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const result = await publishedPortProbe()({ host: "127.0.0.1", port } as Instance, NEVER);
  assertMatch(result.healthy ? "" : result.detail, /refused/);
});

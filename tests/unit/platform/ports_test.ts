import { linux, needs, program } from "../../helpers/skip.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { portObstacle, waitUntilPortFree } from "../../../src/platform/ports.ts";
import { freePort } from "./processes.ts";

const LOOPBACK = "127.0.0.1";

Deno.test("portObstacle() is null for a port that nobody holds", async () => {
  assertEquals(await portObstacle(LOOPBACK, freePort()), null);
});

Deno.test({
  name: "B08 portObstacle() names the process that listens",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const holder = (await portObstacle(LOOPBACK, listener.addr.port))?.detail ?? null;
    assertMatch(holder!, new RegExp(`^pid ${Deno.pid} \\(\\S+`));
  },
});

for (const hostname of ["0.0.0.0", "::"]) {
  Deno.test(`B08 portObstacle() sees a listener on the wildcard address ${hostname}`, async () => {
    using listener = Deno.listen({ hostname, port: 0 });
    assertMatch((await portObstacle(LOOPBACK, listener.addr.port))!.detail, /pid|another process/);
  });
}

Deno.test("portObstacle() tells the families apart", async () => {
  using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  assertEquals(await portObstacle("::1", listener.addr.port), null);
});

Deno.test("portObstacle() does not take TIME_WAIT for a listener", async () => {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const { port } = listener.addr;
  const [client, server] = await Promise.all([
    Deno.connect({ hostname: LOOPBACK, port }),
    listener.accept(),
  ]);
  // Who closes first keeps the port in TIME_WAIT.
  server.close();
  await client.read(new Uint8Array(1));
  client.close();
  listener.close();
  assertEquals(await portObstacle(LOOPBACK, port), null);
});

Deno.test("portObstacle() explains an address that is not ours", async () => {
  assertMatch((await portObstacle("192.0.2.1", freePort()))!.detail, /assign requested address/);
});

Deno.test("waitUntilPortFree ends when the port becomes free", async () => {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const { port } = listener.addr;
  const free = waitUntilPortFree(LOOPBACK, port, { timeoutMs: 20_000 });
  listener.close();
  assertEquals(await free, null);
});

Deno.test("waitUntilPortFree gives up in time and names the holder", async () => {
  using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const holder = await waitUntilPortFree(LOOPBACK, listener.addr.port, { timeoutMs: 20 });
  assertMatch(holder!, /pid|another process/);
});

/** A server of the careless kind: it sets no SO_REUSEADDR and closes its connection first. */
const CARELESS = `
import socket
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
print(server.getsockname()[1], flush=True)
connection, _ = server.accept()
connection.close()
`;

Deno.test({
  name: "portObstacle() tells connections that linger from a listener, and nobody waits for them",
  ...needs(linux(), program("python3")),
  fn: async () => {
    const careless = new Deno.Command("python3", { args: ["-c", CARELESS], stdout: "piped" })
      .spawn();
    const reader = careless.stdout.getReader();
    const port = Number(new TextDecoder().decode((await reader.read()).value));
    const client = await Deno.connect({ hostname: LOOPBACK, port });
    await client.read(new Uint8Array(1));
    client.close();
    await careless.status;
    await reader.cancel();
    assertEquals((await portObstacle(LOOPBACK, port))?.kind, "lingering");
    assertEquals(await waitUntilPortFree(LOOPBACK, port, { timeoutMs: 60_000 }), null);
  },
});

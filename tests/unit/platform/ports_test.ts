import { assertEquals, assertMatch } from "@std/assert";
import { portHolder, waitUntilPortFree } from "../../../src/platform/ports.ts";
import { freePort } from "./processes.ts";

const LOOPBACK = "127.0.0.1";

Deno.test("portHolder is null for a port that nobody holds", async () => {
  assertEquals(await portHolder(LOOPBACK, freePort()), null);
});

Deno.test({
  name: "B08 portHolder names the process that listens",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const holder = await portHolder(LOOPBACK, listener.addr.port);
    assertMatch(holder!, new RegExp(`^pid ${Deno.pid} \\(\\S+`));
  },
});

for (const hostname of ["0.0.0.0", "::"]) {
  Deno.test(`B08 portHolder sees a listener on the wildcard address ${hostname}`, async () => {
    using listener = Deno.listen({ hostname, port: 0 });
    assertMatch((await portHolder(LOOPBACK, listener.addr.port))!, /pid|another process/);
  });
}

Deno.test("portHolder tells the families apart", async () => {
  using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  assertEquals(await portHolder("::1", listener.addr.port), null);
});

Deno.test("portHolder does not take TIME_WAIT for a listener", async () => {
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
  assertEquals(await portHolder(LOOPBACK, port), null);
});

Deno.test("portHolder explains an address that is not ours", async () => {
  assertMatch((await portHolder("192.0.2.1", freePort()))!, /assign requested address/);
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

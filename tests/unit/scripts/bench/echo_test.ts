import { assert, assertEquals, assertRejects } from "@std/assert";
import { runEchoClient } from "../../../../scripts/bench/echo_client.ts";
import { SCENARIOS } from "../../../../scripts/bench/scenario.ts";
import { freePorts } from "../../../../scripts/lib/free_ports.ts";
import { ask } from "../../../helpers/http.ts";

const ECHO = new URL("../../../../scripts/bench/echo.ts", import.meta.url).pathname;
const SCENARIO = { ...SCENARIOS.find(({ id }) => id === "websocket")!, connections: 3 };

async function withEcho(test: (port: number) => Promise<void>): Promise<void> {
  const [port] = freePorts(1) as [number];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--allow-net", "--allow-env", ECHO],
    env: { PORT: `${port}` },
  }).spawn();
  try {
    while (!await ask(port, "/").then(({ status }) => status === 200, () => false));
    await test(port);
  } finally {
    child.kill();
    await child.status;
  }
}

Deno.test("messages come back from the echo and are counted", () =>
  withEcho(async (port) => {
    const result = await runEchoClient(port, SCENARIO, 0.05, AbortSignal.timeout(10_000));
    assert(result.count >= SCENARIO.connections, `${result.count} messages`);
    assertEquals(result.errors, 0);
    assert(result.p50Ms > 0 && result.p99Ms >= result.p50Ms);
  }));

Deno.test("a server that speaks no WebSocket is an error, not a slow echo", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("no"),
  );
  const run = runEchoClient(server.addr.port, SCENARIO, 0.05, AbortSignal.timeout(10_000));
  await assertRejects(() => run, Error, "HTTP/1.1 200 OK");
  await server.shutdown();
});

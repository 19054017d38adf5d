import { assert, assertEquals, assertMatch } from "@std/assert";
import { ECHO_COMMAND, EchoClient } from "../helpers/echo_app.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { TOY_COMMANDS } from "../helpers/toy.ts";
import { PortClaim } from "../helpers/ports.ts";

const NOTIFY = {
  engine: "tcp",
  healthcheck: "notify",
  exec: `export ECHO_READY=ready-VERSION; ${ECHO_COMMAND}`,
};

async function banner({ port }: Liveroll): Promise<string> {
  const { client, banner } = await EchoClient.open(port);
  client[Symbol.dispose]();
  return banner;
}

Deno.test("--healthcheck tcp is content with a child that accepts connections", () =>
  withLiveroll({ flags: { healthcheck: "tcp" } }, async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "v1");
    await liveroll.roll("v2");
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("--healthcheck tcp refuses a version that does not listen", () =>
  withLiveroll(
    { flags: { healthcheck: "tcp", "health-timeout": "500ms", exec: listensUnless("v2") } },
    async (liveroll) => {
      const since = liveroll.offer("v2");
      const { detail } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
      assertMatch(detail, /connection refused/);
    },
  ));

Deno.test("B08 --healthcheck tcp takes no stranger's port for the child's", async () => {
  using claim = new PortClaim(1);
  const [port] = claim.ports as [number];
  const exec = `sleep 0.3; echo up; exec sleep 600`;
  const flags = {
    healthcheck: "tcp",
    "health-timeout": "1500ms",
    "child-port1": `${port}`,
    exec,
  };
  await withStarting({ flags }, async (liveroll) => {
    await liveroll.waitFor("roll.candidate", ({ instance }) => instance.port === port);
    using stranger = Deno.listen({ hostname: "127.0.0.1", port });
    const accepting = drop(stranger);
    const { detail } = await liveroll.waitFor("roll.failed");
    assertMatch(detail, /answered by pid \d+ .*, which is no part of it/);
    stranger.close();
    await accepting;
    await liveroll.stop();
  });
});

Deno.test("--healthcheck exec: runs a command with the child's values", () =>
  withLiveroll({
    flags: {
      healthcheck: `exec:test "$PORT" = <<PORT>> && test "$LIVEROLL_ID" = <<ID>> && ` +
        "echo looks bad && test -e healthy-<<ID>>",
      exec: "touch healthy-v1; exec sleep 600",
      "health-timeout": "500ms",
    },
  }, async (liveroll) => {
    const since = liveroll.offer("v2");
    const { detail } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
    assertMatch(detail, /exit status 1: looks bad/);
  }));

Deno.test("--healthcheck exec: ends a command that takes too long, with all it started", () =>
  withStarting({
    flags: {
      healthcheck: "exec:sleep 601 & sleep 601",
      exec: "exec sleep 600",
      "health-probe-timeout": "100ms",
      "health-timeout": "600ms",
    },
  }, async (liveroll) => {
    const { detail } = await liveroll.waitFor("roll.failed", { id: "v1" });
    assertMatch(detail, /no answer within/);
    await liveroll.stop();
    liveroll.assertNoOrphans();
  }));

Deno.test("--healthcheck notify waits for READY=1 of the child, and tells its status", () =>
  withStarting({ flags: NOTIFY }, async (liveroll) => {
    await liveroll.waitFor("probe.failed", { detail: "not ready yet: waiting for its data" });
    assertEquals(liveroll.events("roll.switched"), []);
    makeReady(liveroll, "v1");
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    assertEquals(await banner(liveroll), "v1 0");
    const since = liveroll.offer("v2");
    await liveroll.waitFor("roll.candidate", {}, since);
    await liveroll.waitFor(
      "probe.failed",
      { detail: "not ready yet: waiting for its data" },
      since,
    );
    assertEquals(await banner(liveroll), "v1 0");
    makeReady(liveroll, "v2");
    await liveroll.waitFor("roll.succeeded", { id: "v2" }, since);
    assertEquals(await banner(liveroll), "v2 0");
  }));

Deno.test("--healthcheck notify: what children say does not reach the service manager", async () => {
  const path = `\0liveroll-test-${crypto.randomUUID()}`;
  const manager = Deno.listenDatagram({ transport: "unixpacket", path });
  const heard: string[] = [];
  const listening = hear(manager, heard);
  const env = { NOTIFY_SOCKET: `@${path.slice(1)}` };
  await withStarting({ flags: NOTIFY, env }, async (liveroll) => {
    await liveroll.waitFor("probe.failed", { detail: "not ready yet: waiting for its data" });
    makeReady(liveroll, "v1");
    await liveroll.waitFor("roll.succeeded");
    await liveroll.stop();
  });
  manager.close();
  await listening;
  assert(
    heard.some((message) => message.includes("READY=1")),
    "liveroll itself said that it is ready",
  );
  assertEquals(heard.filter((message) => message.includes("waiting for its data")), []);
  assertEquals(heard.filter((message) => message.includes("STATUS=open")), []);
});

/** Lets the echo server of `version` become ready. */
function makeReady({ workspace }: Liveroll, version: string): void {
  Deno.writeTextFileSync(`${workspace.dir}/ready-${version}`, "");
}

/** The toy app, but `version` never listens. */
function listensUnless(version: string): string {
  return `test "$LIVEROLL_ID" = ${version} && exec sleep 600; exec ${TOY_COMMANDS.python}`;
}

/** Keeps the messages that come until the socket is closed. */
async function hear(socket: Deno.DatagramConn, heard: string[]): Promise<void> {
  try {
    for await (const [message] of socket) heard.push(new TextDecoder().decode(message));
  } catch {
    // Closed.
  }
}

/** Accepts and closes connections until the listener is closed. */
async function drop(listener: Deno.TcpListener): Promise<void> {
  try {
    for await (const conn of listener) conn.close();
  } catch {
    // Closed.
  }
}

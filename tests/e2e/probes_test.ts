import { assert, assertEquals, assertMatch } from "@std/assert";
import { ECHO_COMMAND, EchoClient } from "../helpers/echo_app.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { testTogether } from "../helpers/together.ts";
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

/** Its limit has to run out, but never before something was probed. */
const IMPATIENT = { "health-timeout": "6s" };

const doesNotListen = () =>
  withLiveroll(
    { flags: { ...IMPATIENT, healthcheck: "tcp", exec: listensUnless("v2") } },
    async (liveroll) => {
      const since = liveroll.offer("v2");
      const { detail } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
      assertMatch(detail, /connection refused/);
    },
  );

async function isAStranger(): Promise<void> {
  using claim = new PortClaim(1);
  const [port] = claim.ports as [number];
  const exec = `sleep 0.3; echo up; exec sleep 600`;
  const flags = {
    ...IMPATIENT,
    healthcheck: "tcp",
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
}

const failsItsCommand = () =>
  withLiveroll({
    flags: {
      healthcheck: `exec:test "$PORT" = <<PORT>> && test "$LIVEROLL_ID" = <<ID>> && ` +
        "echo looks bad && test -e healthy-<<ID>>",
      exec: "touch healthy-v1; exec sleep 600",
      ...IMPATIENT,
    },
  }, async (liveroll) => {
    const since = liveroll.offer("v2");
    const { detail } = await liveroll.waitFor("roll.failed", { id: "v2" }, since);
    assertMatch(detail, /exit status 1: looks bad/);
  });

const commandHangs = () =>
  withStarting({
    flags: {
      healthcheck: "exec:sleep 601 & sleep 601",
      exec: "exec sleep 600",
      "health-probe-timeout": "100ms",
      ...IMPATIENT,
    },
  }, async (liveroll) => {
    const { detail } = await liveroll.waitFor("roll.failed", { id: "v1" });
    assertMatch(detail, /no answer within/);
    await liveroll.stop();
    liveroll.assertNoOrphans();
  });

testTogether("a version is refused at the deadline, by what its last probe said", {
  "--healthcheck tcp: one that does not listen": doesNotListen,
  "B08 --healthcheck tcp: a stranger's port is not taken for the child's": isAStranger,
  "--healthcheck exec: one whose command, run with the child's values, fails": failsItsCommand,
  "--healthcheck exec: one whose command takes too long ends, with all it started": commandHangs,
});

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

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ECHO_COMMAND, EchoClient } from "../helpers/echo_app.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { PortClaim } from "../helpers/ports.ts";
import { programCommand } from "../helpers/program.ts";

const TCP = { engine: "tcp", healthcheck: "tcp", exec: ECHO_COMMAND };

async function banner(port: number): Promise<string> {
  const { client, banner } = await EchoClient.open(port);
  client[Symbol.dispose]();
  return banner;
}

Deno.test("tcp: a server without HTTP is proven, served and rolled", () =>
  withLiveroll({ flags: TCP }, async (liveroll) => {
    assertEquals(await banner(liveroll.port), "v1 0");
    await liveroll.roll("v2");
    assertEquals(await banner(liveroll.port), "v2 0");
  }));

Deno.test("tcp: K15 a connection stays on the old version until it ends, and then that is stopped", () =>
  withLiveroll(
    { flags: { ...TCP, "drain-timeout": "1m" } },
    async (liveroll) => {
      const { client, banner } = await EchoClient.open(liveroll.port);
      using _ = client;
      assertEquals(banner, "v1 0");
      const since = liveroll.log.mark();
      await liveroll.roll("v2");
      assertEquals(await client.ask("still there?"), "still there?");
      client[Symbol.dispose]();
      const { instance } = await liveroll.waitFor("instance.stopped", {}, since);
      assertEquals(instance.id, "v1");
      const drained = liveroll.events("drained", {}, since).map((
        { finished, cut },
      ) => [finished, cut]);
      assertEquals(drained, [[1, 0]]);
    },
  ));

Deno.test("tcp: K16 a connection that does not end is cut when the drain's time is up", () =>
  withLiveroll({ flags: { ...TCP, "drain-timeout": "300ms" } }, async (liveroll) => {
    const { client } = await EchoClient.open(liveroll.port);
    using _ = client;
    const since = liveroll.log.mark();
    await liveroll.roll("v2");
    assertEquals(await client.line(), null);
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1", since);
  }));

Deno.test("tcp: rolls under load refuse or break nobody who talks and hangs up", () =>
  withLiveroll({ flags: { ...TCP, "drain-timeout": "10s" } }, async (liveroll) => {
    let stopped = false;
    const talk = async () => {
      let talks = 0;
      while (!stopped) {
        const { client, banner } = await EchoClient.open(liveroll.port);
        using _ = client;
        assertMatch(banner, /^v\d 0$/);
        assertEquals(await client.ask(`talk ${talks}`), `talk ${talks}`);
        talks++;
      }
      return talks;
    };
    const talkers = Array.from({ length: 4 }, talk);
    for (const version of ["v2", "v3", "v4"]) await liveroll.rollAndRetire(version);
    stopped = true;
    const talks = await Promise.all(talkers);
    assert(talks.every((count) => count > 0));
    assertEquals(await banner(liveroll.port), "v4 0");
  }));

Deno.test("tcp: connections are held while there is no version, and served by the healed one", () =>
  withLiveroll({ flags: { ...TCP, "queue-timeout": "30s" } }, async (liveroll) => {
    const since = liveroll.log.mark();
    await killApplication(liveroll);
    assertEquals(await banner(liveroll.port), "v1 0");
    await liveroll.waitFor("roll.succeeded", {}, since);
  }));

Deno.test("tcp: several public ports lead to those of one child", async () => {
  using claim = new PortClaim(2);
  const [first, second] = claim.ports as [number, number];
  const flags = {
    ...TCP,
    exec: `export ECHO_PORTS=2; ${ECHO_COMMAND}`,
    port: `${first},${second}:+1`,
  };
  await withLiveroll({ flags }, async (liveroll) => {
    assertEquals([await banner(first), await banner(second)], ["v1 0", "v1 1"]);
    await liveroll.rollAndRetire("v2");
    assertEquals([await banner(first), await banner(second)], ["v2 0", "v2 1"]);
  });
});

Deno.test("tcp: options that only HTTP understands are mistakes", async () => {
  const { command, args } = programCommand({
    engine: "tcp",
    healthcheck: "tcp",
    pull: "true",
    id: "echo v1",
    exec: "true",
    "retry-status": "503",
  });
  const { code, stderr } = await new Deno.Command(command, { args }).output();
  assertEquals(code, 2);
  assertMatch(new TextDecoder().decode(stderr), /retry-status.*\n?.*engine/);
});

/** Kills the application's processes, as a crash would. */
async function killApplication(liveroll: Liveroll): Promise<void> {
  for (const processes of liveroll.children().values()) {
    for (const { pid } of processes) Deno.kill(pid, "SIGKILL");
  }
  await liveroll.waitFor("instance.exited");
}

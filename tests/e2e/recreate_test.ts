import { assertEquals, assertMatch } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { Latch } from "../helpers/latch.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";

const RECREATE = { strategy: "recreate" };

/** How many copies of the application there ever were at the same time, from now on. */
function watchCopies(liveroll: Liveroll): () => number {
  let most = 0;
  liveroll.log.onLine = () => most = Math.max(most, liveroll.children().size);
  return () => most;
}

Deno.test("recreate stops the old version first, and holds requests meanwhile: none fails", () =>
  withLiveroll({ flags: RECREATE }, async (liveroll) => {
    const most = watchCopies(liveroll);
    await using load = new Load(liveroll.port, { posts: 1 });
    await load.sees("v1");
    for (const version of ["v2", "v3", "v4"]) {
      await liveroll.roll(version, { startDelayMs: 150 });
      await load.sees(version);
    }
    assertNoneFailed(await load.stop());
    assertEquals(most(), 1);
  }));

Deno.test("recreate stops what serves before it starts what comes; who waits too long gets 503", () =>
  withLiveroll(
    { flags: { ...RECREATE, "queue-timeout": "300ms", "drain-timeout": "10m" } },
    async (liveroll) => {
      using latch = new Latch();
      const download = liveroll.ask(latch.path());
      const inFlight = await latch.arrival();
      const planned = await new Cli(liveroll.home).run("update v2 --dry-run");
      assertMatch(planned.stdout, /^note: .* each request waits, and gets 503 after 300ms$/m);
      const since = liveroll.offer("v2");
      await liveroll.waitFor("roll.phase", { name: "drain" }, since);

      // For as long as the download goes on, nobody serves.
      const { status, text, headers } = await liveroll.ask();
      assertEquals([status, headers.get("retry-after"), headers.get("cache-control")], [
        503,
        "1",
        "no-store",
      ]);
      assertMatch(text, /did not become available in time/);

      inFlight.release();
      assertEquals((await download).text, "v1");
      await liveroll.waitFor("roll.succeeded", { id: "v2" }, since);
      assertEquals((await liveroll.ask()).text, "v2");
      const story = liveroll.log.lines.slice(since).map(({ event }) => event)
        .filter((event) =>
          /^(drained|instance.stopped|roll.candidate|roll.switched)$/.test(event ?? "")
        );
      assertEquals(story, ["drained", "instance.stopped", "roll.candidate", "roll.switched"]);
    },
  ));

Deno.test("recreate starts the old version again when the new one is bad, and no request fails", () =>
  withLiveroll({ flags: RECREATE }, async (liveroll) => {
    const most = watchCopies(liveroll);
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    const since = liveroll.offer("v2", { crash: { code: 1, lastWords: ["bad"] } });
    await liveroll.waitFor("roll.failed", { id: "v2" }, since);
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v1", since);
    assertEquals((await liveroll.ask()).text, "v1");
    const report = await load.stop();
    assertNoneFailed(report);
    assertEquals(Object.keys(report.byVersion), ["v1"]);
    assertEquals(most(), 1);
  }));

Deno.test("recreate uses one port only when it can", () =>
  withLiveroll({ flags: RECREATE }, async (liveroll) => {
    const [port] = liveroll.childPorts;
    await liveroll.roll("v2");
    await liveroll.roll("v3");
    const ports = liveroll.events("roll.candidate").map(({ instance }) => instance.port);
    assertEquals(ports, [port, port, port]);
  }));

import { assert, assertEquals, assertMatch } from "@std/assert";
import { poll } from "../../src/platform/poll.ts";
import { WAITS } from "../helpers/container_app.ts";
import { ContainerHost, type Seen } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { Home } from "../helpers/home.ts";
import type { Liveroll } from "../helpers/liveroll.ts";
import { needs } from "../helpers/skip.ts";

const CLAIMS: Readonly<Record<string, (host: ContainerHost) => Promise<void>>> = {
  "an engine that crashes and comes back finds them healed": async (host) => {
    await host.images.push("v1", { tags: ["latest"] });
    await host.serving({ flags: { replicas: "2" } }, async (liveroll) => {
      await host.containersWhen((all) => all.every(isCommitted));
      const since = liveroll.log.mark();
      await host.engine.crash();
      await liveroll.waitForText("engine.away", since);
      await host.engine.startAgain();
      await liveroll.waitForText("engine.back", since);
      await liveroll.waitForText("container.back", since);
      await host.containersWhen((all) =>
        all.length === 2 && all.every((one) => one.state === "running" && isCommitted(one))
      );
      await serves(liveroll, "v1");
      const { id } = await host.offer(liveroll, "v2");
      await liveroll.waitFor("roll.succeeded", { id }, since);
    });
  },

  "an engine that is killed while a version is in the gate blames nobody": async (host) => {
    await host.images.push("v1", { tags: ["latest"] });
    using home = new Home();
    const directory = home.workspace.dir;
    const flags = { "run-options": `--volume ${directory}:/flags:ro` };
    await host.serving({ home, flags }, async (liveroll) => {
      const [old] = await host.containersWhen((all) => all.every(isCommitted));
      const { id, since } = await host.offer(liveroll, "v2", { command: WAITS });
      await liveroll.waitForText("not yet", since);
      await host.engine.crash();
      // An engine that is gone leads nobody into containers.
      const held = liveroll.ask();
      await host.engine.startAgain();
      const { detail, retryInMs } = await liveroll.waitFor("roll.failed", { id }, since);
      assertMatch(detail, /; it is not to blame: the container engine/);
      assertEquals(Math.round(retryInMs! / 1000), 10);
      const [only] = await host.containersWhen((all) => all.length === 1 && isCommitted(all[0]!));
      assertEquals(only?.id, old?.id, "nothing is left behind");
      assertEquals((await held).text, "v1");
      await Deno.writeTextFile(`${directory}/go`, "");
      // Somebody cannot wait for ten seconds.
      liveroll.signal("SIGHUP");
      await liveroll.waitFor("roll.succeeded", { id }, since);
      await host.containersWhen(isAllOf(id));
    });
  },

  "an engine that is killed while the old version drains loses nothing of the new one": async (
    host,
  ) => {
    await host.images.push("v1", { tags: ["latest"] });
    await host.serving({}, async (liveroll) => {
      const download = fetch(`http://127.0.0.1:${liveroll.port}/stream?bytes=1000000&pause=1000`);
      await using _download = {
        [Symbol.asyncDispose]: async () => (await download).body?.cancel(),
      };
      await download;
      const { id, since } = await host.offer(liveroll, "v2");
      await liveroll.waitFor("roll.phase", { name: "drain" }, since);
      await host.engine.crash();
      const held = liveroll.ask();
      await host.engine.startAgain();
      assertEquals((await held).text, "v2");
      await liveroll.waitFor("instance.stopped", {}, since);
      await host.containersWhen(isAllOf(id));
      assertEquals(liveroll.events("instance.exited"), []);
    });
  },

  "an engine that is restarted while a version is watched does not bring the old one back": async (
    host,
  ) => {
    await host.images.push("v1", { tags: ["latest"] });
    await host.serving({ flags: { "min-healthy": "3s" } }, async (liveroll) => {
      const { id, since } = await host.offer(liveroll, "v2");
      await liveroll.waitFor("roll.switched", {}, since);
      await host.engine.stop();
      const held = liveroll.ask();
      await host.engine.startAgain();
      assertEquals((await held).text, "v2");
      await liveroll.waitFor("roll.succeeded", { id }, since);
      await host.containersWhen(isAllOf(id));
      assertEquals(liveroll.events("roll.rolled_back"), []);
    });
  },
};

const docker = await dockerWorks();

Deno.test({
  name: "what an engine does to containers is mended, and held against no version",
  ...needs(docker),
  fn: async (test) => {
    await using host = await ContainerHost.start();
    for (const [claim, prove] of Object.entries(CLAIMS)) {
      await test.step(claim, () => prove(host));
    }
  },
});

async function serves(liveroll: Liveroll, version: string): Promise<void> {
  const answers = async () => (await liveroll.ask()).text === version;
  assert(await poll(answers, { timeoutMs: PATIENCE_MS }), `${version} does not serve`);
}

function isCommitted({ restartPolicy }: Seen): boolean {
  return restartPolicy === "unless-stopped";
}

/** Nothing else is there, and it runs. */
function isAllOf(id: string): (all: Seen[]) => boolean {
  return (all) => {
    const [only] = all;
    return all.length === 1 && only!.version === id && only!.state === "running" &&
      isCommitted(only!);
  };
}

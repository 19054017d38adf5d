import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { ContainerHost, type Seen, showingLog } from "../helpers/container_host.ts";
import { WAITS } from "../helpers/container_app.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { HeldRegistry } from "../helpers/held_registry.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { assertKillsCostNothing, mortal, ROLL_KILLS } from "../helpers/roll_kills.ts";
import { needs } from "../helpers/skip.ts";

const CLAIMS: Readonly<
  Record<string, (host: ContainerHost, test: Deno.TestContext) => Promise<void>>
> = {
  "a liveroll that is stopped leaves them serving, and the next one takes them over": async (
    host,
  ) => {
    await host.images.push("v1", { tags: ["latest"], volumes: ["/data"] });
    using home = new Home();
    const flags = { replicas: "2" };
    await host.serving({ home, flags }, async (first) => {
      assertEquals(await lossesOf(home), ["What is written to /data"]);
      const before = await host.containersWhen((all) => all.every(isCommitted));
      assertEquals((await first.stop()).code, 0);
      assertEquals(await host.containers(), before);
      for (const { places: [place] } of before) assertEquals(await textAt(place), "v1");
      await using next = new Liveroll(host.options({ home, flags }));
      await showingLog(next, async () => {
        await next.waitFor("instance.adopted");
        assertEquals((await next.ask()).text, "v1");
        assertEquals(await host.containers(), before);
        await next.waitForText("image.volume");
        assertEquals(await lossesOf(home), ["What is written to /data"]);
      });
    });
  },

  "a liveroll that is killed at any step of a roll finds what serves, and nothing is left over":
    async (host, test) => {
      await host.images.push("v0", { tags: ["latest"] });
      await using _rest = { [Symbol.asyncDispose]: () => host.clear() };
      using home = new Home();
      const options = mortal(host.options({ home }), `${home.workspace.dir}/crash-at`);
      const first = await Liveroll.serving(options);
      const rolls = { host, options, first, isSettled: isCommitted, kills: ROLL_KILLS };
      await assertKillsCostNothing(rolls, test);
    },

  "a liveroll that is killed while an image is pulled goes on with what serves, and pulls again":
    async (host) => {
      await host.images.push("v1", { tags: ["latest"] });
      using home = new Home();
      const [behind = "", ...path] = host.images.repository.split("/");
      await using registry = new HeldRegistry(behind);
      const flags = { image: `${[registry.address, ...path].join("/")}:latest` };
      await host.serving({ home, flags }, async (first) => {
        const before = await host.containersWhen((all) => all.every(isCommitted));
        const pulled = registry.hold();
        const { id } = await host.offer(first, "v2");
        await deadline(pulled, PATIENCE_MS);
        first.signal("SIGKILL");
        await first.ended;
        await using next = new Liveroll(host.options({ home, flags }));
        await showingLog(next, async () => {
          await next.waitFor("instance.adopted");
          await using load = new Load(next.port, { keepAlive: 1, fresh: 1 });
          await load.sees("v1");
          assertEquals(await host.containers(), before);
          registry.release();
          await host.containersWhen((all) =>
            all.length === 1 && all[0]?.version === id && isCommitted(all[0])
          );
          await load.sees("v2");
          assertNoneFailed(await load.stop());
        });
      });
    },

  "a liveroll that is killed while copies are exchanged goes on with all that serve": async (
    host,
  ) => {
    await host.images.push("v1", { tags: ["latest"] });
    using home = new Home();
    const { dir } = home.workspace;
    const mount = `--volume ${dir}:/flags:ro`;
    const flags = { replicas: "3", "max-surge": "1", "run-options": mount };
    await host.serving({ home, flags }, async (first) => {
      const { id } = await host.offer(first, "v2", { command: WAITS });
      const fresh = (all: Seen[]) => all.filter(({ version }) => version === id);
      const all = await host.containersWhen((all) => fresh(all).length === 1);
      await Deno.writeTextFile(`${dir}/go-${fresh(all)[0]?.id.slice(0, 12)}`, "");
      await host.containersWhen((all) => fresh(all).length === 2);
      first.signal("SIGKILL");
      await first.ended;
      await Deno.writeTextFile(`${dir}/go`, "");
      await using next = new Liveroll(host.options({ home, flags }));
      await showingLog(next, async () => {
        const { instance } = await next.waitFor("instance.adopted");
        assertNotEquals(instance.id, id);
        await using load = new Load(next.port, { keepAlive: 1, fresh: 1 });
        await host.containersWhen((all) =>
          all.length === 3 && all.every((one) => one.version === id && isCommitted(one))
        );
        await load.sees("v2");
        assertNoneFailed(await load.stop());
      });
    });
  },

  "one that ends or is taken away comes back or is replaced, while others serve": async (host) => {
    await host.images.push("v1", { tags: ["latest"] });
    await host.serving({ flags: { replicas: "3" } }, async (liveroll) => {
      const [first, second, third] = await host.containersWhen((all) => all.every(isCommitted));
      await using load = new Load(liveroll.port, { keepAlive: 2, fresh: 2 });
      await load.sees("v1");
      await textAt(first?.places[0], "/crash").catch(() => {});
      await liveroll.waitForText("container.back");
      await host.engine.docker("rm", "--force", second!.id);
      await liveroll.waitForText("container.replaced");
      const since = liveroll.log.mark();
      await host.engine.docker("kill", third!.id);
      await liveroll.waitForText("container.replaced", since);
      const last = await host.containersWhen((all) => all.length === 3 && all.every(isCommitted));
      assertNoneFailed(await load.stop());
      const kept = [first, second, third].map((one) => last.some(({ id }) => id === one?.id));
      assertEquals(kept, [true, false, false], "the engine starts what ended by itself");
      using client = liveroll.home.client();
      const { replicas, detail } = await client.status();
      const again = replicas?.containers.map(({ state, restarts }) => `${state} ${restarts}`);
      assertEquals([replicas?.wanted, replicas?.well], [3, 3], detail);
      assertEquals(again?.toSorted(), ["well 0", "well 0", "well 1"]);
      const known = (await client.decisions(50)).map(({ event }) => event.type);
      for (const type of ["died", "back", "removed", "replaced"]) {
        assert(known.includes(`container.${type}` as typeof known[number]), type);
      }
      assertEquals(liveroll.events("check.started").length, 1);
      assertEquals(liveroll.events("instance.exited"), []);
    });
  },
};

/** What is lost with each container, as the doctor says, and every plan of a roll. */
async function lossesOf(home: Home): Promise<string[]> {
  using client = home.client();
  const { findings } = await client.doctor(false);
  const losses = findings.filter(({ code }) => code === "data_forgotten")
    .map(({ message }) => message);
  for (;;) {
    const { detail, notes } = await client.plan({ kind: "pin", id: "v9" });
    // For a moment only.
    if (detail.endsWith("is under way")) continue;
    assertEquals(notes, losses);
    return losses.map((message) => message.split(" is lost")[0] ?? "");
  }
}

const docker = await dockerWorks();

Deno.test({
  name: "containers live on, whatever becomes of liveroll, of one of them or of the engine",
  ...needs(docker),
  fn: async (test) => {
    await using host = await ContainerHost.start();
    for (const [claim, prove] of Object.entries(CLAIMS)) {
      await test.step(claim, (step) => prove(host, step));
    }
  },
});

function isCommitted({ restartPolicy }: Seen): boolean {
  return restartPolicy === "unless-stopped";
}

async function textAt(place: string | undefined, path = "/"): Promise<string> {
  return await (await fetch(`http://${place}${path}`)).text();
}

import { assertEquals } from "@std/assert";
import { ComposeHome } from "../helpers/compose_home.ts";
import { ContainerHost, showingLog } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll, type LiverollOptions } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs, program } from "../helpers/skip.ts";

const docker = await dockerWorks();

Deno.test({
  name: "self-upgrade: containers go on, and the next liveroll looks after them",
  ...needs(linux(), foreignFunctions(), docker, program("docker-compose")),
  async fn(test) {
    await using host = await ContainerHost.start();
    await test.step("several copies of an image", async () => {
      using home = new Home();
      const flags = { handover: `${home.workspace.dir}/handover`, replicas: "2" };
      await using _rest = { [Symbol.asyncDispose]: () => host.clear() };
      await host.images.push("v1", { tags: ["latest"] });
      await followed(host, { ...host.options({ flags }), home });
    });
    await test.step("a service of a compose file", async () => {
      const web = `{ image: "${host.images.repository}:latest", network_mode: bridge }`;
      await host.images.push("v1", { tags: ["latest"] });
      await using home = new ComposeHome(host, "blog", `services: { web: ${web} }\n`);
      const handover = `${home.directory}/handover`;
      await followed(host, home.options({ service: "web", handover }));
    });
  },
});

/** One liveroll takes the place of another under load, and rolls to the next version. */
async function followed(host: ContainerHost, options: LiverollOptions): Promise<void> {
  await using owner = await Liveroll.serving(options);
  const before = (await host.containers()).map(({ id }) => id);
  await using load = new Load(owner.port, { posts: 1, downloads: 1 });
  await load.sees("v1");
  await using next = new Liveroll(options);
  await showingLog(next, async () => {
    await next.waitFor("instance.adopted");
    assertEquals(await owner.end(), { code: 0, signal: null });
    assertEquals(next.events("roll.started"), []);
    assertEquals((await host.containers()).map(({ id }) => id), before);
    const { id, since } = await host.offer(next, "v2");
    await next.waitFor("roll.succeeded", { id }, since);
    await load.sees("v2");
    assertNoneFailed(await load.stop());
  });
}

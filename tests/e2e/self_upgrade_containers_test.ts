import { assertEquals } from "@std/assert";
import { ComposeHome } from "../helpers/compose_home.ts";
import { installedComposes } from "../helpers/composes.ts";
import { ContainerHost, showingLog } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { HandoverProgram } from "../helpers/handover_program.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll, type LiverollOptions } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs } from "../helpers/skip.ts";

const docker = await dockerWorks();
const [compose] = await installedComposes();

Deno.test({
  name: "self-upgrade: containers go on, and the next liveroll looks after them",
  ...needs(linux(), foreignFunctions(), docker, compose.isThere),
  async fn(test) {
    await using host = await ContainerHost.start();
    await host.images.push("v1", { tags: ["latest"] });
    await test.step("several copies of an image", async () => {
      using home = new Home();
      await using _rest = { [Symbol.asyncDispose]: () => host.clear() };
      const dir = `${home.workspace.dir}/handover`;
      const flags = { handover: dir, replicas: "2" };
      await followed(host, { ...host.options({ flags }), home }, (owner) => forsaken(owner, dir));
    });
    await test.step("a service of a compose file", async () => {
      const web = `{ image: "${host.images.repository}:latest", network_mode: bridge }`;
      await using home = new ComposeHome(host, compose, "blog", `services: { web: ${web} }\n`);
      const dir = `${home.directory}/handover`;
      await followed(host, home.options({ service: "web", handover: dir }));
    });
  },
});

/** One liveroll takes the place of another under load: no request and no container is lost. */
async function followed(
  host: ContainerHost,
  options: LiverollOptions,
  prepare: (owner: Liveroll) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await using owner = await Liveroll.serving(options);
  const before = await lives(host);
  await using load = new Load(owner.port, { posts: 1, downloads: 1 });
  await load.sees("v1");
  await prepare(owner);
  await using next = new Liveroll(options);
  await showingLog(next, async () => {
    await next.waitFor("instance.adopted");
    assertEquals(await owner.end(), { code: 0, signal: null });
    assertEquals(next.events("roll.started"), []);
    assertEquals(await lives(host), before);
    // Who is looked after is started again.
    const [{ id } = { id: "" }] = await host.containers();
    await load.stop().then(assertNoneFailed);
    await host.engine.docker("rm", "--force", id);
    await host.containersWhen((all) =>
      all.length === before.length && all.every((one) => one.state === "running" && one.id !== id)
    );
  });
}

/** A successor that is killed when it has everything: the owner takes its containers up again. */
async function forsaken(owner: Liveroll, dir: string): Promise<void> {
  const since = owner.log.mark();
  const script = { side: "successor", step: "locked", end: "die" } as const;
  await using peer = new HandoverProgram("peer", { dir, id: "peer", port: owner.port }, { script });
  assertEquals(await peer.ended(), "SIGKILL");
  await owner.waitFor("instance.adopted", {}, since);
}

/** Every container, and since when it runs. */
async function lives({ engine }: ContainerHost): Promise<string[]> {
  const ids = (await engine.docker("ps", "--quiet")).split("\n").filter(Boolean);
  const format = "--format={{.Id}} {{.State.StartedAt}}";
  return (await engine.docker("inspect", format, ...ids)).split("\n").toSorted();
}

import { assertEquals } from "@std/assert";
import { ComposeHome } from "../helpers/compose_home.ts";
import { type InstalledCompose, installedComposes } from "../helpers/composes.ts";
import { ContainerHost, showingLog } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { needs } from "../helpers/skip.ts";

const docker = await dockerWorks();
const [newer, older] = await installedComposes();

/** Where there is one compose only, none takes over from another. */
if (older !== undefined) {
  Deno.test({
    name: `a stack goes on under ${newer.name}, and under ${older.name} again`,
    ...needs(docker),
    async fn(test) {
      await using host = await ContainerHost.start();
      for (const strategy of ["recreate", "blue-green"] as const) {
        await test.step(strategy, () => there(host, strategy, [older, newer, older]));
      }
    },
  });
}

/** Each compose after the first finds a stack, keeps it up, and brings it to a version of its own. */
async function there(
  host: ContainerHost,
  strategy: "recreate" | "blue-green",
  composes: readonly InstalledCompose[],
): Promise<void> {
  await host.images.push("v0", { tags: ["latest"] });
  const image = `${host.images.repository}:latest`;
  const web = `{ image: "${image}", network_mode: bridge, volumes: ["/cache"] }`;
  await using home = new ComposeHome(host, composes[0]!, "blog", `services: { web: ${web} }\n`);
  const flags = { service: "web", strategy };
  let seen = "v0";
  for (const [index, compose] of composes.entries()) {
    const before = await home.running("web");
    await using liveroll = new Liveroll({ ...home.options(flags), env: compose.env });
    await showingLog(liveroll, async () => {
      await liveroll.waitFor(index === 0 ? "roll.succeeded" : "instance.adopted");
      await using load = new Load(liveroll.port);
      await load.sees(seen);
      if (index > 0) assertEquals(await home.running("web"), before);
      assertEquals(liveroll.events("roll.started").length, index === 0 ? 1 : 0);
      seen = `v${index + 1}`;
      const { id, since } = await host.offer(liveroll, seen);
      await liveroll.waitFor("roll.succeeded", { id }, since);
      await load.sees(seen);
      await host.containersWhen((all) => all.length === 1 && all[0]?.version === id);
      assertNoneFailed(await load.stop());
      assertEquals((await liveroll.stop()).code, 0);
    });
  }
}

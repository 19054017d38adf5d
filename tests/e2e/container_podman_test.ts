import { assertEquals, assertNotEquals } from "@std/assert";
import { ContainerHost } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { podmanWorks } from "../helpers/podman.ts";
import { needs } from "../helpers/skip.ts";

const docker = await dockerWorks();
const podman = await podmanWorks();

Deno.test({
  name: "on Podman containers are rolled under load, and taken over by the next liveroll",
  // The tool of Docker asks Podman, too.
  ...needs(docker, podman),
  fn: async () => {
    await using host = await ContainerHost.onPodman();
    await host.images.push("v1", { tags: ["latest"] });
    using home = new Home();
    await host.serving({ home }, async (first) => {
      const [old] = await host.containers();
      await using load = new Load(first.port, { keepAlive: 1, fresh: 1, posts: 1, pauseMs: 30 });
      await load.sees("v1");
      const { id } = await host.offer(first, "v2");
      await load.sees("v2");
      const before = await host.containersWhen((all) => all.length === 1);
      assertNoneFailed(await load.stop());
      assertEquals(before[0]?.version, id);
      assertNotEquals(before[0]?.id, old?.id);
      assertEquals((await first.stop()).code, 0);
      await using next = new Liveroll(host.options({ home }));
      await next.waitFor("instance.adopted");
      assertEquals((await next.ask()).text, "v2");
      assertEquals(await host.containers(), before);
    });
  },
});

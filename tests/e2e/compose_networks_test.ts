import { assertEquals, assertMatch } from "@std/assert";
import { ComposeHome } from "../helpers/compose_home.ts";
import { type InstalledCompose, installedComposes } from "../helpers/composes.ts";
import { ContainerHost, showingLog } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { needs } from "../helpers/skip.ts";

const docker = await dockerWorks();

/** A private engine has no addresses to give away: two of them would give the same. */
const [a = 0, b = 0] = crypto.getRandomValues(new Uint8Array(2));
const SUBNET = `10.${150 + a % 50}.${b}.0/24`;

function file(image: string, mtu: number): string {
  return `
services:
  web: { image: "${image}", networks: [back] }
networks:
  back:
    driver_opts: { com.docker.network.driver.mtu: "${mtu}" }
    ipam: { config: [{ subnet: ${SUBNET} }] }
`;
}

for (const compose of await installedComposes()) {
  Deno.test({
    name: `who serves keeps his network, whatever the file says by now: ${compose.name}`,
    ...needs(docker, compose.isThere),
    async fn() {
      await using host = await ContainerHost.start();
      await host.images.push("v1", { tags: ["latest"] });
      const image = `${host.images.repository}:latest`;
      await using home = homeWithNetwork(host, compose, file(image, 1400));
      const options = home.options({ service: "web", strategy: "blue-green" });
      await using liveroll = await Liveroll.serving(options);
      await showingLog(liveroll, async () => {
        const before = await home.running("web");
        await using load = new Load(liveroll.port);
        await load.sees("v1");
        home.write(file(image, 1300));
        const v2 = await host.offer(liveroll, "v2");
        const { detail } = await liveroll.waitFor("roll.failed", { id: v2.id }, v2.since);
        assertMatch(detail, /blog_back/);
        assertEquals(await home.running("web"), before);
        home.write(file(image, 1400));
        const since = liveroll.log.mark();
        liveroll.signal("SIGHUP");
        await liveroll.waitFor("roll.succeeded", { id: v2.id }, since);
        await load.sees("v2");
        assertNoneFailed(await load.stop());
      });
    },
  });
}

/** Bridges outlive their engine. */
function homeWithNetwork(host: ContainerHost, compose: InstalledCompose, text: string) {
  const home = new ComposeHome(host, compose, "blog", text);
  return Object.assign(home, {
    async [Symbol.asyncDispose]() {
      await ComposeHome.prototype[Symbol.asyncDispose].call(home);
      await host.engine.docker("network", "rm", "blog_back");
    },
  });
}

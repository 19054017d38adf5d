import { assertEquals, assertRejects } from "@std/assert";
import { Engine } from "../../src/container/engine/engine.ts";
import { EngineUnreachableError } from "../../src/container/engine/engine_error.ts";
import { dockerWorks, makeImage, startDocker } from "../helpers/docker.ts";
import { CLAIMS, LABEL, running, WAIT, withContainer } from "../helpers/engine_claims.ts";
import { podmanWorks } from "../helpers/podman.ts";
import { needs } from "../helpers/skip.ts";
import { startPodman } from "../../scripts/lib/podman.ts";

const docker = await dockerWorks();
const podman = await podmanWorks();

Deno.test({
  name: "the Docker Engine does what is asked of it",
  ...needs(docker),
  fn: async (test) => {
    await using host = await startDocker();
    const image = `${host.registry.address}/team/app:v1`;
    await makeImage(host.engine, image, { files: { "/www/version": "v1" } });
    await host.engine.docker("push", "--quiet", image);
    await host.engine.docker("rmi", image);
    const { socket } = host.engine;
    await proveAll(test, socket, image);
    await test.step("tells what a health check says", () => proveHealth(socket, image));
    await test.step("ends streams by saying so when it stops", async () => {
      using engine = await Engine.connect(socket, AbortSignal.timeout(20_000));
      const events = engine.events({ labels: [LABEL], since: 1 }, AbortSignal.timeout(60_000));
      assertEquals((await events.next()).done, false);
      Deno.kill(Number(await Deno.readTextFile(socket.replace(/[^/]*$/, "pid"))), "SIGTERM");
      const readOn = () => Array.fromAsync(events);
      assertEquals((await assertRejects(readOn, EngineUnreachableError)).outage, "broken");
    });
  },
});

Deno.test({
  name: "Podman does what is asked of it, on its socket for what speaks to Docker",
  ...needs(docker, podman),
  fn: async (test) => {
    await using host = await startDocker();
    const image = `${host.registry.address}/team/app:v1`;
    await makeImage(host.engine, image, { files: { "/www/version": "v1" } });
    await host.engine.docker("push", "--quiet", image);
    await using podman = await startPodman(host.registry.address);
    await proveAll(test, podman.socket, image);
  },
});

async function proveAll(test: Deno.TestContext, socket: string, image: string): Promise<void> {
  const signal = AbortSignal.timeout(240_000);
  using engine = await Engine.connect(socket, signal);
  for (const [claim, prove] of Object.entries(CLAIMS)) {
    await test.step(claim, () => prove({ engine, image, signal }));
  }
}

/** Podman leaves health checks to systemd, which is not everywhere. */
async function proveHealth(socket: string, image: string): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  using engine = await Engine.connect(socket, signal);
  const check = ["CMD", "/bin/busybox", "sh", "-c", "echo fine"];
  const body = { ...running(WAIT), Healthcheck: { Test: check, Interval: 1e8 } };
  const since = Date.now() - 1;
  await withContainer({ engine, image, signal }, "healthy", body, async (id) => {
    for await (
      const { action, health } of engine.events({ labels: ["role=healthy"], since }, signal)
    ) {
      if (action === "health") {
        assertEquals(health, "healthy");
        break;
      }
    }
    const info = await engine.containers.inspect(id, signal);
    assertEquals([info.health, info.healthOutput], ["healthy", "fine"]);
  });
}

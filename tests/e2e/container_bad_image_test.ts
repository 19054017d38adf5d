import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readDatabase } from "../../src/state/database.ts";
import { HOARD, type ToyImage } from "../helpers/container_app.ts";
import { ContainerHost } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { Receiver } from "../helpers/receiver.ts";
import { needs } from "../helpers/skip.ts";

const SECRET = "c0rrect-horse-battery";

/** Images that must not serve, what is said of them, and what they printed last. */
const BAD: Readonly<Record<string, { image: ToyImage; says: RegExp; last?: string }>> = {
  "crashes at its start": {
    image: { behaviour: { crash: { code: 3, lastWords: ["no database", `tried ${SECRET}`] } } },
    says: /ended with code 3|exited with code 3/,
    last: "tried [redacted]",
  },
  "is never healthy": {
    image: { behaviour: { health: { status: 503 } } },
    says: /503/,
    last: "toy v2 ready on 8080",
  },
  "takes too long to start": {
    image: { behaviour: { startDelayMs: 60_000 } },
    says: /not healthy/,
  },
  "runs out of memory": {
    image: { command: HOARD },
    says: /137|SIGKILL|memory/,
    last: "(out of memory: killed by the kernel)",
  },
  "is unhealthy by its own check, whatever it answers": {
    image: { healthcheck: ["/bin/false"] },
    says: /health check of container \S+ says (starting|unhealthy)/,
    last: "toy v2 ready on 8080",
  },
  "listens on nothing that anybody knows": {
    image: { ports: [8080, 9090] },
    says: /exposes 8080\/tcp and 9090\/tcp: give --container-port/,
  },
};

const docker = await dockerWorks();

Deno.test({
  name: "a container that is no good is refused, with its last words, and the old one serves",
  ...needs(docker),
  fn: async (test) => {
    await using host = await ContainerHost.start();
    await using receiver = new Receiver();
    await host.images.push("v1", { tags: ["latest"] });
    const flags = {
      "health-timeout": "4s",
      "run-options": `--memory 200m --env DB_PASSWORD=${SECRET}`,
      notify: `webhook+${receiver.url}/hook`,
    };
    await host.serving({ flags }, async (liveroll) => {
      const before = await host.containers();
      await using load = new Load(liveroll.port, { keepAlive: 1, fresh: 1, posts: 1, pauseMs: 30 });
      await load.sees("v1");
      for (const [what, { image, says, last }] of Object.entries(BAD)) {
        await test.step(`it ${what}`, async () => {
          const { since, id } = await host.offer(liveroll, "v2", image);
          const { roll, detail, lastLines } = await liveroll.waitFor("roll.failed", { id }, since);
          assertMatch(detail, says);
          if (last !== undefined) assertEquals(lastLines.at(-1), last);
          assertEquals(await host.containersWhen((all) => all.length === 1), before);
          using client = liveroll.home.client();
          const record = await client.roll(roll);
          assertEquals([record.to, record.outcome, record.lastLines], [id, "failed", [
            ...lastLines,
          ]]);
        });
      }
      const report = await load.stop();
      assertNoneFailed(report);
      assertEquals(Object.keys(report.byVersion), ["v1"]);

      await test.step("what is secret in its environment is in no event, record or notification", async () => {
        await liveroll.stop();
        await receiver.waitFor(Object.keys(BAD).length);
        const told = receiver.received.map(({ text }) => text).join("\n");
        assertStringIncludes(told, "no database");
        assertEquals(told.includes(SECRET), false);
        assertEquals(liveroll.log.dump().includes(SECRET), false);
        readDatabase(liveroll.home.stateDir).close();
        for await (const { name, isFile } of Deno.readDir(liveroll.home.stateDir)) {
          if (!isFile) continue;
          const bytes = await Deno.readFile(`${liveroll.home.stateDir}/${name}`);
          assert(!new TextDecoder("latin1").decode(bytes).includes(SECRET), name);
        }
      });
    });
  },
});

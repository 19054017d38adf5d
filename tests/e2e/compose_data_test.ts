import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { ComposeHome } from "../helpers/compose_home.ts";
import { type InstalledCompose, installedComposes } from "../helpers/composes.ts";
import { ContainerHost, showingLog } from "../helpers/container_host.ts";
import { contentsOf } from "../helpers/data_app.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { needs, requirement } from "../helpers/skip.ts";
import { assertTold } from "../helpers/state_table.ts";
import { succeed } from "../../scripts/lib/command.ts";

const docker = await dockerWorks();
const isRoot = requirement(Deno.uid() === 0, "only root can copy volumes");

const SECRET = "c0rrect-h0rse-battery";

/** Writes to a volume without a name, too, which compose hands from container to container. */
const RUN = "echo $$TOY_VERSION >> /cache/log; exec /bin/deno run -A --no-config /app/deno/app.ts";

/** Every version changes the data, so that none before it could use it; v3 never comes to an end. */
const MIGRATE = `/bin/sh -c 'echo "with $API_TOKEN"; rm -rf /data/posts; ` +
  `mkdir -p /data/posts; echo $TOY_VERSION > /data/posts/$TOY_VERSION; ` +
  `echo $TOY_VERSION > /files/state; test $TOY_VERSION != v3 || { echo half way; sleep 60; }'`;

function file(image: string): string {
  return `
services:
  web:
    image: ${image}
    network_mode: bridge
    restart: always
    environment: { API_TOKEN: ${SECRET} }
    command: ["/bin/sh", "-c", "${RUN}"]
    volumes: ["data:/data", "/cache", "./files:/files"]
volumes:
  data: {}
`;
}

/** A stack whose data is changed for each version. */
class Scene extends ComposeHome {
  readonly cli = new Cli(this.home);
  readonly #host: ContainerHost;
  readonly #compose: InstalledCompose;

  constructor(host: ContainerHost, compose: InstalledCompose) {
    super(host, compose, "blog", file(`${host.images.repository}:latest`));
    this.#host = host;
    this.#compose = compose;
  }

  /** As the operator did before there was liveroll. */
  async byHand(): Promise<void> {
    const { words: [program = "", ...words], ...compose } = this.#compose;
    const env = { ...compose.env, DOCKER_HOST: `unix://${this.#host.engine.socket}` };
    const place = ["-p", "blog", "--project-directory", this.directory];
    await succeed(program, [...words, ...place, "up", "--detach", "web"], { env });
  }

  start(): Liveroll {
    return new Liveroll(this.options({
      service: "web",
      migrate: MIGRATE,
      migration: "destructive",
      snapshot: "volumes",
      "stop-timeout": "5s",
    }));
  }

  /** All that `web` has written, also to volumes without a name. */
  async contents(): Promise<string[]> {
    const { engine } = this.#host;
    const names = (await engine.docker("volume", "ls", "--quiet")).split("\n").filter(Boolean);
    const format = "--format={{.Mountpoint}}";
    const look = (name: string) => engine.docker("volume", "inspect", format, name);
    const paths = await Promise.all(names.map(look));
    return [...paths, `${this.directory}/files`].flatMap(contentsOf);
  }

  async images(): Promise<string[]> {
    return (await this.running("web")).map(({ image }) => image);
  }
}

for (const compose of await installedComposes()) {
  Deno.test({
    name: `data of a service is saved, changed and put back with its version: ${compose.name}`,
    ...needs(docker, isRoot, compose.isThere),
    async fn(test) {
      await using host = await ContainerHost.start();
      const digest = await host.images.push("v1", { tags: ["latest"] });
      await using scene = new Scene(host, compose);
      await scene.byHand();
      const logs: string[] = [];
      let before: string[] = [];
      const isAsBefore = async () => {
        assertEquals(await scene.contents(), await withNewLine(scene, before));
        assertEquals(await scene.images(), [`${host.images.repository}@${digest}`]);
      };
      const step = (name: string, fn: () => Promise<void>) => test.step({ name, fn, ...UNCHECKED });
      {
        await using first = scene.start();
        await showingLog(first, async () => {
          await first.waitFor("roll.succeeded");
          before = await scene.contents();
          assertEquals(before.filter((line) => /v1|log/.test(line)).length, 2);

          await step("a version that does not start: requests wait, its data is gone", async () => {
            await using load = new Load(first.port);
            await load.sees("v1");
            const crash = { code: 3, lastWords: [`no ${SECRET}`] };
            const { id, since } = await host.offer(first, "v2", { behaviour: { crash } });
            const { detail } = await first.waitFor("roll.failed", { id }, since);
            assertMatch(detail, /; the data of latest@sha256:.* was restored$/);
            await first.waitFor("roll.switched", {}, since);
            assertNoneFailed(await load.stop());
            await isAsBefore();
          });

          await step("liveroll is killed in the middle of a migration", async () => {
            const [web] = await scene.running("web");
            const { since } = await host.offer(first, "v3");
            await first.waitForText("half way", since);
            first.signal("SIGKILL");
            await first.ended;
            assertTold(scene.home.stateDir, "compose/", "data.json", "snapshots/");
            // The file says always, and it was only stopped: it must not come back under the work.
            await host.engine.crash();
            await host.engine.startAgain();
            const state = "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}";
            assertEquals(
              await host.engine.docker("inspect", `--format=${state}`, web!.id),
              "exited no",
            );
            await host.images.push("v1", { tags: ["latest"] });
            // An engine that starts anew does so, as the file says.
            await host.engine.docker("start", web!.id);
          });
        });
        await using second = scene.start();
        await showingLog(second, async () => {
          await step("the next start puts the data back under nobody, and goes on", async () => {
            await second.waitFor("roll.switched");
            assertEquals(second.events("instance.adopted"), []);
            const killed = (await scene.cli.history()).find(({ outcome }) =>
              outcome === "interrupted"
            );
            assertMatch(killed?.detail ?? "", /ended while .*; the data of .* was restored$/);
            assertEquals((await second.ask()).text, "v1");
            await isAsBefore();
          });
          await second.stop();
        });
        logs.push(first.log.dump(), second.log.dump());
      }
      await step("a snapshot is put back by hand, once the stack is stopped", async () => {
        const { snapshots: [newest] } = await scene.cli.json<Listed>("restore");
        const container = compose.containerName("blog", "web");
        const refused = await scene.cli.run(`restore ${newest!.id}`);
        assertEquals(refused.code, 1);
        assertMatch(
          refused.stderr,
          new RegExp(`${container} runs on the data; stop first: docker stop ${container}`),
        );
        await host.engine.docker("stop", container);
        const { code, stdout } = await scene.cli.run(`restore ${newest!.id}`);
        assertEquals(code, 0);
        assertMatch(stdout, /the data is that of latest@sha256:/);
      });
      assertStringIncludes(logs.join(), "with [redacted]");
      assertEquals(logs.join().includes(SECRET), false);
      await succeed("sh", ["-c", `! grep -raq '${SECRET}' '${scene.home.stateDir}'`]);
    },
  });
}

/** Of a process that is started in one step and ends in another. */
const UNCHECKED = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false } as const;

interface Listed {
  readonly snapshots: readonly { readonly id: string }[];
}

/** `before`, as v1 makes it when it is started once more: it writes one line. */
async function withNewLine(scene: Scene, before: readonly string[]): Promise<string[]> {
  const isLog = (line: string) => line.startsWith("/log ");
  const line = new TextEncoder().encode("v1\n").toHex();
  const now = (await scene.contents()).find(isLog) ?? "";
  assertMatch(now, new RegExp(` (${line})+$`), "only v1 has written there");
  return before.map((one) => isLog(one) ? now : one);
}

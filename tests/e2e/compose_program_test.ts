import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { applyEnvChange, planEnvChange } from "../../src/compose/dotenv/swap.ts";
import { Overrides } from "../../src/compose/override.ts";
import { ComposeCli } from "../../src/compose/program/compose_cli.ts";
import { ComposeError } from "../../src/compose/program/compose_error.ts";
import type { ComposeStack } from "../../src/compose/program/stack.ts";
import { projectConflict } from "../../src/compose/project_record.ts";
import { createRevision, type Revision } from "../../src/compose/revision.ts";
import { StackEngine } from "../../src/compose/stack_engine.ts";
import { factsOf, obstacles } from "../../src/compose/strategy.ts";
import { Engine } from "../../src/container/engine/engine.ts";
import { EngineVolumes } from "../../src/data/engine_volumes.ts";
import { HostArchiver } from "../../src/data/snapshot/host_archiver.ts";
import { selectMounts } from "../../src/data/snapshot/mounts.ts";
import { restoreSnapshot } from "../../src/data/snapshot/restore.ts";
import { Snapshots } from "../../src/data/snapshot/snapshots.ts";
import { type InstalledCompose, installedComposes } from "../helpers/composes.ts";
import { type DockerHost, dockerWorks, makeImage, startDocker } from "../helpers/docker.ts";
import { needs, program } from "../helpers/skip.ts";

const docker = await dockerWorks();

/** The bridge of a private engine is the only network that it has. */
const FILE = `
services:
  web:
    image: \${IMAGE}:\${APP_VERSION}
    environment: [GREETING]
    volumes: ["data:/data"]
    network_mode: bridge
  other:
    image: \${IMAGE}:v1
    network_mode: bridge
volumes:
  data: {}
`;

/** An operator's directory, and what liveroll keeps beside it. */
class Stack implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;
  readonly directory: string;
  readonly host: DockerHost;
  readonly compose: ComposeCli;
  readonly overrides: Overrides;
  readonly image: string;

  static async start(version: InstalledCompose): Promise<Stack> {
    await using parts = new AsyncDisposableStack();
    const host = parts.use(await startDocker());
    const directory = await Deno.makeTempDir({ prefix: "liveroll-compose-" });
    parts.defer(() => Deno.remove(directory, { recursive: true }));
    const overrides = await Overrides.open(`${directory}/state`);
    // What the file says must count, not what is left in our own environment.
    const { DOCKER_HOST = "" } = host.engine.env;
    const env = { ...Deno.env.toObject(), ...version.env, DOCKER_HOST, APP_VERSION: "wrong" };
    const compose = new ComposeCli({
      version,
      env,
      managedKey: "APP_VERSION",
      redact: (text) => text,
    });
    const stack = new Stack(parts.move(), { directory, host, compose, overrides });
    await Deno.writeTextFile(`${directory}/compose.yaml`, FILE);
    await Deno.writeTextFile(stack.envFile, `IMAGE=${stack.image}\nAPP_VERSION='v1' # live\n`);
    return stack;
  }

  private constructor(
    parts: AsyncDisposableStack,
    all: Pick<Stack, "directory" | "host" | "compose" | "overrides">,
  ) {
    this.#parts = parts;
    ({
      directory: this.directory,
      host: this.host,
      compose: this.compose,
      overrides: this.overrides,
    } = all);
    this.image = `${all.host.registry.address}/app`;
  }

  get envFile(): string {
    return `${this.directory}/prod.env`;
  }

  /** Without an override, as the operator has it. */
  get plain(): ComposeStack {
    const { directory, envFile } = this;
    const files = [`${directory}/compose.yaml`];
    return { project: "blog", directory, files, envFile, profiles: [] };
  }

  async desire(revision: Revision): Promise<ComposeStack> {
    return { ...this.plain, files: [...this.plain.files, await this.overrides.desire(revision)] };
  }

  /** Publishes a version; the engine itself forgets it. @returns The image by its digest. */
  async push(version: string): Promise<string> {
    const { engine } = this.host;
    const tag = `${this.image}:${version}`;
    await makeImage(engine, tag, { files: { "/www/version": version } });
    const digest = /sha256:[0-9a-f]{64}/.exec(await engine.docker("push", tag))?.[0];
    await engine.docker("rmi", tag);
    return `${this.image}@${digest}`;
  }

  inspect(id: string, format: string): Promise<string> {
    return this.host.engine.docker("inspect", "--format", format, id);
  }

  /** The engine goes with all that it has. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync();
  }
}

for (const installed of await installedComposes()) {
  Deno.test({
    name: `a service is replaced, scaled out, saved and restored: ${installed.name}`,
    ...needs(docker, installed.isThere, program("tar", "gzip")),
    fn: async (t) => {
      await using stack = await Stack.start(installed);
      const { compose, overrides, host: { engine } } = stack;
      const [v1, v2] = [await stack.push("v1"), await stack.push("v2")];
      const [old, next] = [v1, v2].map((web) =>
        createRevision({ web }, { ports: { web: [8080] }, labels: { app: "blog" } })
      );
      const one = await stack.desire(old!);
      const model = await compose.config(one);

      await t.step("the environment file that we edit says what compose reads", async () => {
        const image = async () =>
          (await compose.config(stack.plain)).services.get("web")?.image ?? null;
        assertEquals(await image(), `${stack.image}:v1`);
        await applyEnvChange(await planEnvChange(stack.envFile, "APP_VERSION", "v2"));
        assertEquals(await image(), `${stack.image}:v2`);
      });

      await t.step(
        "the digest of the override runs, whatever the file says, and alone",
        async () => {
          await compose.pull(one, ["web"]);
          await compose.up(one, ["web"]);
          await overrides.applied(old!);
          const [id = ""] = await compose.ps(one, "web");
          assertEquals(await stack.inspect(id, "{{.Config.Image}}"), v1);
          assertEquals(await stack.inspect(id, '{{index .Config.Labels "liveroll.app"}}'), "blog");
          assertMatch(await engine.docker("port", id, "8080"), /^127\.0\.0\.1:\d+$/);
          assertEquals(await compose.ps(one, "other"), []);
        },
      );

      await t.step("a command runs once beside it, and sees its volumes", async () => {
        const stdoutPath = `${stack.directory}/out`;
        const script = `echo "$TOKEN" > /data/file; cat /data/file; echo bad >&2; exit 4`;
        const { code, lastLines } = await compose.runOnce(one, {
          service: "web",
          entrypoint: "/bin/busybox",
          command: ["sh", "-c", script],
          env: { TOKEN: "s3cret" },
          stdoutPath,
        });
        assertEquals([code, lastLines.at(-1)], [4, "bad"]);
        assertEquals(Deno.readTextFileSync(stdoutPath), "s3cret\n");
        assertEquals((await compose.ps(one, "web")).length, 1);
      });

      await t.step("a second copy starts beside the first, which stays as it is", async () => {
        const web = model.services.get("web")!;
        const ask = (isSharedVolumeSafe: boolean) =>
          obstacles(factsOf(web, model), isSharedVolumeSafe).map(({ obstacle }) => obstacle);
        assertEquals([ask(false), ask(true)], [["shared_volume"], []]);
        const [blue] = await compose.ps(one, "web");
        const two = await stack.desire(next!);
        const scale = { service: "web", replicas: 2 };
        await compose.up(two, ["web"], { existing: "keep", scale });
        const ids = await compose.ps(two, "web");
        assertEquals([ids.length, ids.includes(blue!)], [2, true]);
        const green = ids.find((id) => id !== blue)!;
        assertEquals(await stack.inspect(green, "{{.Config.Image}}"), v2);
        await engine.docker("rm", "--force", blue!);
      });

      await t.step("what its volume held is saved where it is, and restored", async () => {
        using client = await Engine.connect(engine.socket, AbortSignal.timeout(60_000));
        const asked = new StackEngine(client, AbortSignal.timeout(60_000));
        const labels = await asked.labels("blog");
        const asker = { app: "blog", state: "", services: ["web"] };
        const conflict = (directory: string) =>
          projectConflict({ name: "blog", directory }, { ...asker, directory }, labels);
        assertEquals(conflict(stack.directory), null);
        assertMatch(conflict("/elsewhere") ?? "", /already in use for/);
        const mine = { "com.docker.compose.project": "blog", "com.docker.compose.service": "web" };
        assertEquals(await asked.findContainers(mine), await compose.ps(one, "web"));
        const odd = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "odd"];
        await engine.docker("volume", "create", ...odd);
        const volumes = new EngineVolumes(client, AbortSignal.timeout(60_000));
        assertEquals(await volumes.volumeMountpoint("odd"), null);
        await engine.docker("volume", "rm", "odd");
        assertEquals(await volumes.volumeMountpoint("odd"), null);
        const { target } = model.services.get("web")!.mounts[0]!;
        const place = { kind: "volume", source: model.volumes.get("data")!.name, target } as const;
        const { saved } = await selectMounts([place], volumes);
        const file = `${saved[0]?.directory}/file`;
        const archiver = new HostArchiver("gzip", Deno.env.toObject());
        const options = { timeoutMs: 30_000 };
        const snapshots = await Snapshots.open(`${stack.directory}/snapshots`);
        await snapshots.take({
          ...{ id: "s1", createdAt: new Date().toISOString(), version: "v1", project: "blog" },
          ...{ service: "web", method: "host", skipped: [] },
        }, {
          suffix: archiver.suffix,
          expectedBytes: await archiver.measure(saved, options),
          marginBytes: 0,
          write: (path) => archiver.pack(path, saved, options),
        });
        await compose.stop(one, ["web"], { stopTimeoutMs: 1_000 });
        await Deno.writeTextFile(file, "migrated");
        await restoreSnapshot(snapshots, "s1", saved, archiver, options);
        assertEquals(await Deno.readTextFile(file), "s3cret\n");
      });

      await t.step("a failure tells what compose said", async () => {
        const missing = createRevision({ web: v1.replace(/.{8}$/, "00000000") });
        const error = await assertRejects(
          async () => compose.pull(await stack.desire(missing), ["web"]),
          ComposeError,
          "Cannot run compose pull: exit code ",
        );
        assertEquals([error.failure, error.action], ["failed", "pull"]);
      });
    },
  });
}

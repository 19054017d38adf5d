import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { capture, succeed } from "../../scripts/lib/command.ts";
import { freePorts } from "../../scripts/lib/free_ports.ts";
import { type DockerHost, dockerWorks, makeImage, startDocker } from "../helpers/docker.ts";
import { eventually } from "../helpers/eventually.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { signal } from "../helpers/proc.ts";
import { codeBlock, recipeFlags } from "../helpers/recipes.ts";
import { needs } from "../helpers/skip.ts";

/** The image's name in the recipe. */
const IMAGE = "registry.example.org/blog:latest";
const CRASH = ["/bin/busybox", "sh", "-c", "echo no database >&2; exit 1"];
const SERVE = [
  "/bin/busybox",
  "sh",
  "-c",
  "busybox chmod +x /www/cgi-bin/*; trap 'kill $!; exit 0' TERM; " +
  "busybox httpd -f -p 8080 -h /www & wait",
];

interface Container {
  name: string;
  image: string;
  created: string;
}

const docker = await dockerWorks();

Deno.test({
  name: "a private engine runs an image from a private registry, published on loopback",
  ...needs(docker),
  fn: async () => {
    await using host = await startDocker();
    const { engine, registry } = host;
    const tag = `${registry.address}/app:latest`;
    const id = await makeImage(engine, tag, { files: { "/www/version": "v1" } });
    assertMatch(id, /^sha256:[0-9a-f]{64}$/);

    await engine.docker("push", "--quiet", tag);
    await engine.docker("rmi", tag);
    await engine.docker("pull", "--quiet", tag);
    assertEquals(await engine.docker("inspect", "--format", "{{.Id}}", tag), id);
    await assertRejects(
      () => engine.docker("inspect", "--format", "{{.Image}}", tag),
      Error,
      "Image",
    );

    const [port] = freePorts(1) as [number];
    await engine.docker("run", "-d", "--rm", "--name=app", `-p=127.0.0.1:${port}:8080`, tag);
    assertEquals(await eventually(`http://127.0.0.1:${port}/version`), "v1");
    const began = performance.now();
    await engine.docker("stop", "--time=30", "app");
    assert(performance.now() - began < 30_000, "the web server ends on TERM");
  },
});

Deno.test({
  name: "a private engine leaves nothing behind: interface, mount, process, control group",
  ...needs(docker),
  fn: async () => {
    const before = await traces();
    {
      await using host = await startDocker();
      await makeImage(host.engine, "app");
      await host.engine.docker("run", "-d", "app");
    }
    assertEquals(await traces(), before);
  },
});

Deno.test({
  name: "a private engine's bridge keeps its address, so that answers find their way back",
  ...needs(docker),
  fn: async () => {
    await using host = await startDocker();
    const { engine } = host;
    await makeImage(engine, "app");
    const option = '{{index .Options "com.docker.network.bridge.name"}}';
    const bridge = await engine.docker("network", "inspect", "--format", option, "bridge");
    const address = () => Deno.readTextFileSync(`/sys/class/net/${bridge}/address`).trim();
    const before = address();
    await engine.docker("run", "-d", "--name=app", "app");
    assertEquals(address(), before);
    await engine.docker("rm", "--force", "app");
    assertEquals(address(), before);
  },
});

Deno.test({
  name: "the Docker recipe rolls to the image that was pushed, without a failed request",
  ...needs(docker),
  fn: () =>
    withRecipe(async (liveroll, host) => {
      const [old] = await containers(host);
      await using load = new Load(liveroll.port, { keepAlive: 3, fresh: 2, pauseMs: 30 });
      await load.sees("v1");
      const since = liveroll.log.mark();
      const id = await push(host, "v2");
      liveroll.signal("SIGHUP");
      await liveroll.waitFor("roll.succeeded", { id }, since);
      await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id !== id, since);
      const [current, ...others] = await containers(host);
      await load.sees("v2");
      assertNoneFailed(await load.stop());
      const names = liveroll.childPorts.map((port) => `/app-${port}`);
      assertEquals([old?.name, current?.name, ...others], names);
      assertEquals(current?.image, id);
      assertEquals(await liveroll.stop(), { code: 0, signal: null });
      assertEquals(await containers(host), []);
    }),
});

Deno.test({
  name: "an image that crashes is refused with its last lines, and the old container keeps serving",
  ...needs(docker),
  fn: () =>
    withRecipe(async (liveroll, host) => {
      const before = await containers(host);
      await using load = new Load(liveroll.port, { keepAlive: 2, fresh: 1, pauseMs: 30 });
      await load.sees("v1");
      const since = liveroll.log.mark();
      const id = await push(host, "v3", CRASH);
      liveroll.signal("SIGHUP");
      const { lastLines } = await liveroll.waitFor("roll.failed", { id }, since);
      await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === id, since);
      assertEquals(lastLines.at(-1), "no database");
      const report = await load.stop();
      assertNoneFailed(report);
      assertEquals(Object.keys(report.byVersion), ["v1"]);
      assertEquals(await containers(host), before);
    }),
});

Deno.test({
  name:
    "B04 B09 when docker run is killed its container is stopped, and another one of its image serves",
  ...needs(docker),
  fn: () =>
    withRecipe(async (liveroll, host) => {
      const [old] = await containers(host);
      // What the tag names by now must not matter.
      await push(host, "v2");
      const since = liveroll.log.mark();
      killDockerRun(liveroll);
      await liveroll.waitFor("roll.succeeded", {}, since);
      assertEquals((await liveroll.ask()).text, "v1");
      assertEquals(liveroll.events("check.started", {}, since), []);
      await liveroll.waitFor("instance.stopped", {}, since);
      const [current, ...others] = await containersLeft(host, 1);
      assertEquals([current?.image, others], [old?.image, []]);
      assertNotEquals(current?.created, old?.created);
    }),
});

Deno.test({
  name: "what a killed liveroll leaves behind is removed by the line in the recipe's unit",
  ...needs(docker),
  fn: async () => {
    await using host = await startDocker();
    await push(host, "v1");
    const options = await recipeOptions(host);
    await withLiveroll(options, async (liveroll) => {
      // As systemd does when it loses the main process.
      signal(liveroll.pid, "SIGKILL");
      await liveroll.ended;
      for (const { pid } of liveroll.descendants()) signal(pid, "SIGKILL");
      const [leftover] = await containers(host);
      const first = { "child-port1": `${liveroll.childPorts[0]}` };
      const flags = { ...options.flags, ...first };
      await withStarting({ ...options, flags }, async (next) => {
        assertEquals((await next.ended).code, 2);
      });
      assertEquals(await containers(host), [leftover]);

      const line = /^ExecStartPre=-(.*)$/m.exec(codeBlock("unit: docker"))?.[1] ?? "false";
      const [one, two] = liveroll.childPorts;
      const command = line.replace("9101", `${one}`).replace("9102", `${two}`);
      await succeed("sh", ["-c", command], { env: { ...host.engine.env } });
      await withLiveroll({ ...options, flags }, async (next) => {
        assertEquals((await next.ask()).text, "v1");
      });
      assertEquals(await containers(host), []);
    });
  },
});

async function traces(): Promise<string[]> {
  const links = Array.from(Deno.readDirSync("/sys/class/net"), ({ name }) => name);
  const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n")
    .filter((line) => line.includes("liveroll-docker-"));
  const { stdout: groups } = await capture("find", [
    "/sys/fs/cgroup",
    "-type",
    "d",
    "-name",
    "lr*",
  ]);
  return [...links.toSorted(), ...mounts, ...commandLines("liveroll-docker-"), groups];
}

function commandLines(part: string): string[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => name)
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(part));
}

/** Runs `test` with an engine, a registry that has v1, and a liveroll that serves it. */
async function withRecipe(
  test: (liveroll: Liveroll, host: DockerHost) => Promise<void>,
): Promise<void> {
  await using host = await startDocker();
  await push(host, "v1");
  await withLiveroll(await recipeOptions(host), (liveroll) => test(liveroll, host));
}

async function recipeOptions({ engine, registry }: DockerHost) {
  const flags = await recipeFlags("docker", { [IMAGE]: `${registry.address}/blog:latest` });
  return { flags: { ...flags, "stop-timeout": "10s" }, env: { ...engine.env }, version: null };
}

/** Publishes a version as the newest one; the engine itself forgets it. @returns Its id. */
async function push(
  { engine, registry }: DockerHost,
  version: string,
  command = SERVE,
): Promise<string> {
  const tag = `${registry.address}/blog:latest`;
  const id = await makeImage(engine, "built", { files: site(version), command });
  await engine.docker("tag", "built", tag);
  await engine.docker("push", "--quiet", tag);
  return id;
}

/** Answers as the load client expects: the version in body and header, the nonce sent back. */
function site(version: string): Record<string, string> {
  const head = `content-type: text/plain\\r\\nx-version: ${version}\\r\\nx-nonce: %s\\r\\n`;
  const length = `content-length: ${version.length}\\r\\n`;
  const cgi = `printf '${head}${length}\\r\\n${version}' "$HTTP_X_NONCE"`;
  return { "/www/healthz": "ok", "/www/cgi-bin/index.cgi": `#!/bin/busybox sh\n${cgi}\n` };
}

/** Every container, running or not. */
async function containers({ engine }: DockerHost): Promise<Container[]> {
  const ids = (await engine.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
  if (ids.length === 0) return [];
  const format = `{"name":"{{.Name}}","image":"{{.Image}}","created":"{{.Created}}"}`;
  const lines = (await engine.docker("inspect", "--format", format, ...ids)).split("\n");
  return lines.map((line): Container => JSON.parse(line));
}

/** Nobody waits for the removal of a container whose `docker run` was killed. */
async function containersLeft(host: DockerHost, count: number): Promise<Container[]> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const left = await containers(host).catch(() => []);
    if (left.length === count || signal.aborted) return left;
  }
}

function killDockerRun(liveroll: Liveroll): void {
  for (const { pid } of [...liveroll.children().values()].flat()) signal(pid, "SIGKILL");
}

import { succeed } from "../../scripts/lib/command.ts";
import { type DockerEngine, engineObstacle, startEngine } from "../../scripts/lib/docker_engine.ts";
import {
  type DockerRegistry,
  registryObstacle,
  startRegistry,
} from "../../scripts/lib/docker_registry.ts";
import type { Requirement } from "./skip.ts";

/** An engine and a registry of our own, gone without a trace when disposed. */
export interface DockerHost extends AsyncDisposable {
  readonly engine: DockerEngine;
  readonly registry: DockerRegistry;
}

/** What an image for tests holds beside busybox. */
export interface ImageOptions {
  /** Text files by their absolute path; `/www` is what the default command serves on 8080. */
  files?: Record<string, string>;
  /** @default {the busybox web server, which ends at once on TERM} */
  command?: string[];
}

const WEB_SERVER = [
  "/bin/busybox",
  "sh",
  "-c",
  // Process 1 ignores signals that it has no handler for.
  "trap 'kill $!; exit 0' TERM; busybox httpd -f -p 8080 -h /www & wait",
];

/** Set as soon as it is known, for the other test files of the same run: starting both takes long. */
const KNOWN_TO_WORK = "TESTS_DOCKER_WORKS";

/**
 * Met when an engine and a registry really come up here. Await it at the top of a test file:
 * `const docker = await dockerWorks();`
 */
export async function dockerWorks(): Promise<Requirement> {
  const busybox = await isStatic("/bin/busybox") ? null : "busybox-static not installed";
  const obstacle = engineObstacle() ?? registryObstacle() ?? busybox;
  if (obstacle !== null) return { ok: false, why: obstacle };
  if (Deno.env.has(KNOWN_TO_WORK)) return { ok: true };
  try {
    await using _host = await startDocker();
    Deno.env.set(KNOWN_TO_WORK, "yes");
    return { ok: true };
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    return { ok: false, why: `${lines[0]}: ${lines.at(-1)}` };
  }
}

/** Starts both. */
export async function startDocker(): Promise<DockerHost> {
  await using parts = new AsyncDisposableStack();
  const engine = parts.use(await startEngine());
  const registry = parts.use(await startRegistry());
  const owned = parts.move();
  return { engine, registry, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Makes an image of busybox and some files, without pulling anything; returns its id. */
export async function makeImage(
  engine: DockerEngine,
  tag: string,
  { files = {}, command = WEB_SERVER }: ImageOptions = {},
): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-image-" });
  try {
    await layOut(`${directory}/tree`, files);
    await succeed("tar", ["-C", `${directory}/tree`, "-cf", `${directory}/image.tar`, "."]);
    const changes = ["--change", "ENV PATH=/bin", "--change", `CMD ${JSON.stringify(command)}`];
    return await engine.docker("import", ...changes, `${directory}/image.tar`, tag);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function layOut(tree: string, files: Record<string, string>): Promise<void> {
  for (const path of ["bin", "tmp", "www"]) {
    await Deno.mkdir(`${tree}/${path}`, { recursive: true });
  }
  await Deno.copyFile("/bin/busybox", `${tree}/bin/busybox`);
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${tree}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${tree}${path}`, text);
  }
}

async function isStatic(path: string): Promise<boolean> {
  try {
    // A dynamic executable names its loader near its beginning.
    const head = (await Deno.readFile(path)).subarray(0, 4_096);
    return !new TextDecoder("latin1").decode(head).includes("/ld-linux");
  } catch {
    return false;
  }
}

import type { Behaviour } from "../apps/behaviour.ts";
import { succeed } from "../../scripts/lib/command.ts";
import { type Blob, type ImageConfig, ImageUpload } from "./image_upload.ts";

/** The port that the app in the images listens on. */
export const TOY_PORT = 8080;

/** Uses up all memory that it may have, after a word. */
export const HOARD = shell("echo filling memory; exec tail -c 2000m /dev/zero");

/**
 * Is not well until the test writes a file into the directory that is at `/flags`: `go` for all,
 * `go-ID` for the container whose short id that is.
 */
export const WAITS = shell(
  "trap 'exit 0' TERM; echo not yet; " +
    "until [ -e /flags/go ] || [ -e /flags/go-$HOSTNAME ]; do sleep 0.1; done; " +
    "exec /bin/deno run -A --no-config /app/deno/app.ts",
);

const APPS = new URL("../apps/", import.meta.url).pathname;

/** An image is one layer: the toy app, Deno with the libraries that it needs, and busybox. */
const FILES: Readonly<Record<string, string>> = {
  "bin/busybox": "/bin/busybox",
  "bin/deno": Deno.execPath(),
  "app/behaviour.ts": `${APPS}behaviour.ts`,
  "app/deno/app.ts": `${APPS}deno/app.ts`,
  "app/deno/routes.ts": `${APPS}deno/routes.ts`,
  "app/deno/holder.ts": `${APPS}deno/holder.ts`,
};

/** In an image these are busybox. */
const APPLETS = [
  "sh",
  "false",
  "cat",
  "echo",
  "sleep",
  "tail",
  "wget",
  "cp",
  "rm",
  "mkdir",
  "true",
];

/** What one image is like. */
export interface ToyImage {
  /** @default {a good version} */
  behaviour?: Behaviour;
  /** @default {the version alone} */
  tags?: readonly string[];
  /** Runs in place of the app. */
  command?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Ports that it says it listens on. @default {[TOY_PORT]} */
  ports?: readonly number[];
  /** Paths that it wants volumes for. @default {none} */
  volumes?: readonly string[];
  /** Command of its own health check. @default {it has none} */
  healthcheck?: readonly string[];
}

/** Images of the toy app in a registry: the first takes a second or so, the others no time. */
export class ToyImages {
  /** As it stands in front of a tag: `127.0.0.1:5000/team/app`. */
  readonly repository: string;
  readonly #upload: ImageUpload;
  readonly #layer: Blob;

  private constructor(repository: string, upload: ImageUpload, layer: Blob) {
    this.repository = repository;
    this.#upload = upload;
    this.#layer = layer;
  }

  /** @param address Of the registry, `HOST:PORT`. */
  static async at(address: string, path = "team/app"): Promise<ToyImages> {
    const repository = `${address}/${path}`;
    const upload = new ImageUpload(repository);
    return new ToyImages(repository, upload, await upload.blob(await pack()));
  }

  /** Pushes a version; tags that exist move. @returns Its digest. */
  async push(version: string, image: ToyImage = {}): Promise<string> {
    return await this.#upload.image(this.#layer, describe(version, image), image.tags ?? [version]);
  }
}

/** A command that a shell in the image runs. */
export function shell(script: string): readonly string[] {
  return ["/bin/sh", "-c", script];
}

function describe(version: string, image: ToyImage): ImageConfig {
  const { behaviour = {}, ports = [TOY_PORT], healthcheck, volumes, env = {} } = image;
  const all = {
    PATH: "/bin",
    PORT: `${TOY_PORT}`,
    TOY_HOST: "0.0.0.0",
    TOY_VERSION: version,
    TOY_BEHAVIOUR: JSON.stringify(behaviour),
    ...env,
  };
  const everySecond = { Interval: 1_000_000_000, Retries: 1 };
  return {
    Cmd: image.command ?? ["/bin/deno", "run", "-A", "--no-config", "/app/deno/app.ts"],
    Env: Object.entries(all).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
    ...(volumes && { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) }),
    ...(healthcheck && { Healthcheck: { Test: ["CMD", ...healthcheck], ...everySecond } }),
  };
}

async function pack(): Promise<Uint8Array<ArrayBuffer>> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-image-" });
  try {
    const tree = `${directory}/tree`;
    for (const [path, source] of Object.entries({ ...FILES, ...await libraries() })) {
      await Deno.mkdir(`${tree}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.symlink(source, `${tree}/${path}`);
    }
    await Deno.mkdir(`${tree}/tmp`);
    // What these links lead to is packed, not the links.
    await succeed("tar", ["-C", tree, "-chf", `${directory}/layer.tar`, "."]);
    await addApplets(directory);
    return await Deno.readFile(`${directory}/layer.tar`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function addApplets(directory: string): Promise<void> {
  await Deno.mkdir(`${directory}/links/bin`, { recursive: true });
  for (const name of APPLETS) await Deno.symlink("busybox", `${directory}/links/bin/${name}`);
  const names = APPLETS.map((name) => `./bin/${name}`);
  await succeed("tar", ["-C", `${directory}/links`, "-rf", `${directory}/layer.tar`, ...names]);
}

/** What Deno is linked against, by its place in the image. */
async function libraries(): Promise<Record<string, string>> {
  const paths = (await succeed("ldd", [Deno.execPath()])).match(/\/\S+/g) ?? [];
  return Object.fromEntries(paths.map((path) => [path.slice(1), path]));
}

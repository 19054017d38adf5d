import { poll } from "../../src/platform/poll.ts";
import { LABELS } from "../../src/runtime/container/labels.ts";
import { ToyImages } from "./container_app.ts";
import { succeed } from "../../scripts/lib/command.ts";
import { type DockerRegistry, startRegistry } from "../../scripts/lib/docker_registry.ts";
import { startPodman } from "../../scripts/lib/podman.ts";
import { type DockerEngine, startEngine } from "../../scripts/lib/docker_engine.ts";
import { PATIENCE_MS } from "./event_log.ts";
import { Liveroll, type LiverollOptions } from "./liveroll.ts";
import { showingLogs } from "./showing_logs.ts";

export { showingLog } from "./showing_logs.ts";

/** What is not for versions that an engine runs is left out. */
export const ENGINE_FLAGS = {
  pull: null,
  id: null,
  exec: null,
  "child-port1": null,
  "child-port2": null,
  "health-timeout": "20s",
};

/** A container, as its engine shows it. */
export interface Seen {
  readonly id: string;
  readonly name: string;
  /** The version it runs. */
  readonly version: string;
  /** What it was made of, as it was named. */
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
  readonly restartPolicy: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it is published: `HOST:PORT`. */
  readonly places: readonly string[];
}

/** Something that speaks as Docker does. */
export type AnyEngine = Pick<DockerEngine, "socket" | "docker"> & AsyncDisposable;

/** An engine, a registry with images of the toy app, and livrolls that run them. */
export class ContainerHost<E extends AnyEngine = DockerEngine> implements AsyncDisposable {
  readonly engine: E;
  readonly images: ToyImages;
  readonly #registry: DockerRegistry;

  private constructor(engine: E, registry: DockerRegistry, images: ToyImages) {
    this.engine = engine;
    this.#registry = registry;
    this.images = images;
  }

  /** @param begin Starts an engine that trusts a registry. */
  static async of<E extends AnyEngine>(
    begin: (registry: string) => Promise<E>,
  ): Promise<ContainerHost<E>> {
    await using parts = new AsyncDisposableStack();
    const registry = parts.use(await startRegistry());
    const engine = parts.use(await begin(registry.address));
    const host = new ContainerHost(engine, registry, await ToyImages.at(registry.address));
    parts.move();
    return host;
  }

  static async start(): Promise<ContainerHost> {
    return await ContainerHost.of(startEngine);
  }

  static async onPodman(): Promise<ContainerHost<AnyEngine>> {
    return await ContainerHost.of(async (address) => {
      const podman = await startPodman(address);
      const env = { DOCKER_HOST: `unix://${podman.socket}` };
      return {
        socket: podman.socket,
        docker: async (...args) => (await succeed("docker", args, { env })).trimEnd(),
        [Symbol.asyncDispose]: () => podman[Symbol.asyncDispose](),
      };
    });
  }

  /** For a liveroll that follows the tag `latest`. */
  options({ flags, ...others }: LiverollOptions = {}): LiverollOptions {
    const place = {
      image: `${this.images.repository}:latest`,
      "docker-host": `unix://${this.engine.socket}`,
    };
    return {
      verb: "container",
      version: null,
      ...others,
      flags: { ...ENGINE_FLAGS, ...place, ...flags },
    };
  }

  /** Runs `test` with a liveroll that serves, and takes everything away then. */
  async serving(
    options: LiverollOptions,
    test: (liveroll: Liveroll) => Promise<void>,
  ): Promise<void> {
    const all: Liveroll[] = [];
    await showingLogs(() => all, async () => {
      await using _rest = { [Symbol.asyncDispose]: () => this.clear() };
      await using liveroll = await Liveroll.serving(this.options(options));
      all.push(liveroll);
      await test(liveroll);
    });
  }

  /** Moves `latest` to a version and says that there is news. @returns A mark from before. */
  async offer(
    liveroll: Liveroll,
    version: string,
    image: Parameters<ToyImages["push"]>[1] = {},
  ): Promise<{ since: number; id: string }> {
    const digest = await this.images.push(version, { tags: ["latest"], ...image });
    const since = liveroll.log.mark();
    liveroll.signal("SIGHUP");
    return { since, id: `latest@${digest}` };
  }

  /** Every container of a liveroll, running or not, by number. */
  async containers(): Promise<Seen[]> {
    const list = ["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${LABELS.app}`];
    const ids = (await this.engine.docker(...list)).split("\n").filter(Boolean);
    if (ids.length === 0) return [];
    // One that is removed between the two calls is gone, and nothing is wrong.
    const looked = await Promise.all(
      ids.map(async (id): Promise<unknown[]> => {
        return JSON.parse(await this.engine.docker("inspect", id).catch(() => "[]"));
      }),
    );
    return looked.flat().map(see).toSorted((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The containers, as soon as they are as wanted. @throws {Error} When they do not get so. */
  async containersWhen(isWanted: (containers: Seen[]) => boolean): Promise<Seen[]> {
    let last: Seen[] = [];
    const look = async () => isWanted(last = await this.containers().catch(() => []));
    if (await poll(look, { timeoutMs: PATIENCE_MS })) return last;
    throw new Error(`Cannot see the wanted containers: ${JSON.stringify(last)}`);
  }

  /** Pulls a tag, as a person would; pushes it if need be. @returns The id of the image. */
  async pull(tag: string): Promise<string> {
    const image = `${this.images.repository}:${tag}`;
    await this.images.push(tag, { tags: [tag] });
    await this.engine.docker("pull", "--quiet", image);
    return await this.engine.docker("inspect", "--format={{.Id}}", image);
  }

  /** The ids of all images. */
  async imageIds(): Promise<Set<string>> {
    return new Set((await this.engine.docker("images", "--quiet", "--no-trunc")).split("\n"));
  }

  /** Removes all containers. */
  async clear(): Promise<void> {
    const ids = (await this.engine.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
    if (ids.length > 0) await this.engine.docker("rm", "--force", "--volumes", ...ids);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await this.#registry[Symbol.asyncDispose]();
  }
}

// deno-lint-ignore no-explicit-any
function see(info: any): Seen {
  const bindings: { HostIp: string; HostPort: string }[] = Object
    .values(info.NetworkSettings.Ports ?? {}).flat().filter((one) => one !== null) as never;
  return {
    id: info.Id,
    name: info.Name.slice(1),
    version: info.Config.Labels[LABELS.version],
    image: info.Config.Image,
    imageId: info.Image,
    state: info.State.Status,
    restartPolicy: info.HostConfig.RestartPolicy.Name,
    labels: info.Config.Labels,
    places: bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`),
  };
}

import { capture, isInstalled, succeed } from "./command.ts";
import { type Daemon, startDaemon, untilReady } from "./daemon.ts";

/** What a private engine is made of, beside root and Linux. */
export const DOCKER_PROGRAMS = ["dockerd", "docker", "containerd", "ip"] as const;

/** A Docker Engine of our own: nothing is shared with one that may run on this machine already. */
export interface DockerEngine extends AsyncDisposable {
  /** Path of its socket. */
  readonly socket: string;
  /** For programs that it should be used by: `DOCKER_HOST`, and a configuration of their own. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs `docker` against it and returns its output without the last line break.
   *
   * @throws When it fails.
   */
  docker(...args: string[]): Promise<string>;
  /** Kills the engine without warning; containers and data stay. */
  crash(): Promise<void>;
  /** Has it end in good order, which ends its containers; the data stays. */
  stop(): Promise<void>;
  /** Starts it again after a crash or a stop, with the same data and socket. @throws When it does not come up. */
  startAgain(): Promise<void>;
}

/** Why no engine can be started here; null if there is no known reason. */
export function engineObstacle(): string | null {
  if (Deno.build.os !== "linux") return `Docker Engine needs Linux, this is ${Deno.build.os}`;
  if (Deno.uid() !== 0) return "Docker Engine needs root";
  const missing = DOCKER_PROGRAMS.filter((program) => !isInstalled(program));
  return missing.length > 0 ? `${missing.join(", ")} not installed` : null;
}

/**
 * Starts an engine with its own data, socket and bridge. It touches no firewall rule: published
 * ports are served by its userland proxy, on loopback. Disposing it removes containers, bridge,
 * mounts and files.
 *
 * @throws When it does not come up; the message says what it printed.
 */
export async function startEngine(): Promise<DockerEngine> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-docker-" });
  const bridge = await addBridge();
  const daemon = launch(directory, bridge);
  const engine = new Engine(directory, bridge, daemon);
  try {
    await engine.ready();
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return engine;
}

class Engine implements DockerEngine {
  readonly socket: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #bridge: string;
  #daemon: Daemon;

  constructor(directory: string, bridge: string, daemon: Daemon) {
    this.#directory = directory;
    this.#bridge = bridge;
    this.#daemon = daemon;
    this.socket = `${directory}/docker.sock`;
    this.env = { DOCKER_HOST: `unix://${this.socket}`, DOCKER_CONFIG: `${directory}/config` };
  }

  async ready(): Promise<void> {
    await untilReady("dockerd", this.#daemon, 30_000, () => this.#answers());
  }

  async docker(...args: string[]): Promise<string> {
    return (await succeed("docker", args, { env: this.env })).trimEnd();
  }

  async crash(): Promise<void> {
    Deno.kill(Number(await Deno.readTextFile(`${this.#directory}/pid`)), "SIGKILL");
    await this.stop();
    // Its containerd dies with it; who comes next may not see that yet, and would wait for it.
    await Deno.remove(`${this.#directory}/exec/containerd/containerd.pid`).catch(() => {});
  }

  async stop(): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
  }

  async startAgain(): Promise<void> {
    this.#daemon = launch(this.#directory, this.#bridge);
    await this.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#removeContainers();
    await this.#daemon[Symbol.asyncDispose]();
    await capture("ip", ["link", "delete", this.#bridge]);
    await this.#unmount();
    await removeCgroups(this.#bridge);
    await Deno.remove(this.#directory, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    return (await capture("docker", ["version"], { env: this.env })).ok;
  }

  async #removeContainers(): Promise<void> {
    const { stdout } = await capture("docker", ["ps", "--all", "--quiet"], { env: this.env });
    const ids = stdout.split("\n").filter((id) => id !== "");
    if (ids.length > 0) await capture("docker", ["rm", "--force", ...ids], { env: this.env });
  }

  /** An engine that was killed leaves mounts behind, and files under a mount cannot be removed. */
  async #unmount(): Promise<void> {
    const mounts = (await Deno.readTextFile("/proc/self/mounts")).split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(`${this.#directory}/`));
    for (const path of mounts.reverse()) await capture("umount", ["--lazy", path]);
  }
}

/** Empty control groups that containers leave behind; `name` was their parent. */
async function removeCgroups(name: string): Promise<void> {
  const find = ["/sys/fs/cgroup", "-depth", "-path", `*/${name}*`, "-type", "d"];
  await capture("find", [...find, "-exec", "rmdir", "{}", ";"]);
}

/** Its own bridge: with the default one, two engines on a machine would fight for an address. */
async function addBridge(): Promise<string> {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint8Array(2));
  const name = `lr${a.toString(16)}x${b.toString(16)}`;
  // An address that is set stays. Without, it is the lowest of its members', and whoever comes or
  // goes changes it for those who stay: they answer to the old one for up to half a minute.
  const mac = `02:4c:52:00:${hex(a)}:${hex(b)}`;
  await succeed("ip", ["link", "add", "name", name, "address", mac, "type", "bridge"]);
  await succeed("ip", ["address", "add", `10.${200 + a % 50}.${b}.1/24`, "dev", name]);
  await succeed("ip", ["link", "set", name, "up"]);
  return name;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function launch(directory: string, bridge: string): Daemon {
  const args = [
    `--data-root=${directory}/data`,
    `--exec-root=${directory}/exec`,
    `--host=unix://${directory}/docker.sock`,
    `--pidfile=${directory}/pid`,
    `--config-file=${directory}/daemon.json`,
    `--bridge=${bridge}`,
    `--cgroup-parent=/${bridge}`,
    "--exec-opt=native.cgroupdriver=cgroupfs",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-forward=false",
    "--ip-masq=false",
  ];
  Deno.writeTextFileSync(`${directory}/daemon.json`, "{}");
  return startDaemon("dockerd", args, { logPath: `${directory}/log` });
}

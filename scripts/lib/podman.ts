import { capture, isInstalled } from "./command.ts";
import { startDaemon, untilReady } from "./daemon.ts";

/** What a private Podman is made of, beside root and Linux. */
export const PODMAN_PROGRAMS = ["podman", "conmon", "runc", "ip"] as const;

/** What its containers are connected by, whatever directory it is told to use. */
const BRIDGE = "cni-podman0";

/** A Podman of our own, which speaks the language of Docker on its socket. */
export interface Podman extends AsyncDisposable {
  /** Path of its socket. */
  readonly socket: string;
}

/** Why no Podman can be started here; null if there is no known reason. */
export function podmanObstacle(): string | null {
  if (Deno.build.os !== "linux") return `Podman needs Linux, this is ${Deno.build.os}`;
  if (Deno.uid() !== 0) return "Podman needs root";
  const missing = PODMAN_PROGRAMS.filter((program) => !isInstalled(program));
  return missing.length > 0 ? `${missing.join(", ")} not installed` : null;
}

/**
 * Starts a Podman with its own data and socket. Disposing it removes its containers, files and
 * bridge; empty chains of firewall rules, which are called `CNI-…`, stay.
 *
 * @param insecureRegistry `HOST:PORT` that it asks without TLS.
 * @throws When it does not come up; the message says what it printed.
 */
export async function startPodman(insecureRegistry: string): Promise<Podman> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-podman-" });
  const hadBridge = await hasBridge();
  const env = await configure(directory, insecureRegistry);
  const socket = `${directory}/podman.sock`;
  const options = [
    `--root=${directory}/root`,
    `--runroot=${directory}/run`,
    `--tmpdir=${directory}/tmp`,
    "--storage-driver=vfs",
    "--runtime=runc",
    "--cgroup-manager=cgroupfs",
    "--events-backend=file",
  ];
  const args = [...options, "system", "service", "--time=0", `unix://${socket}`];
  const daemon = startDaemon("podman", args, { logPath: `${directory}/log`, env });
  const podman = {
    socket,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await capture("podman", [...options, "rm", "--all", "--force", "--time=0"], { env });
      endMonitors(directory);
      if (!hadBridge) await capture("ip", ["link", "delete", BRIDGE]);
      await Deno.remove(directory, { recursive: true });
    },
  };
  try {
    await untilReady("podman", daemon, 20_000, () => answers(socket));
  } catch (error) {
    await podman[Symbol.asyncDispose]();
    throw error;
  }
  return podman;
}

/** Monitors of commands in containers stay for five minutes, in case somebody asks for the code. */
function endMonitors(directory: string): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [program = "", ...args] = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      const isOurs = program.endsWith("/conmon") && args.some((arg) => arg.includes(directory));
      if (isOurs) Deno.kill(Number(name), "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

async function hasBridge(): Promise<boolean> {
  return (await capture("ip", ["link", "show", BRIDGE])).ok;
}

/** Its own configuration: that of the machine may ask for limits that are not ours to set. */
async function configure(directory: string, registry: string): Promise<Record<string, string>> {
  const containers = `${directory}/containers.conf`;
  await Deno.writeTextFile(containers, "[containers]\ndefault_ulimits = []\n");
  const registries = `${directory}/registries.conf`;
  const location = `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`;
  await Deno.writeTextFile(registries, location);
  return { CONTAINERS_CONF: containers, CONTAINERS_REGISTRIES_CONF: registries };
}

async function answers(socket: string): Promise<boolean> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  try {
    return (await (await fetch("http://localhost/_ping", { client })).text()) === "OK";
  } catch {
    return false;
  }
}

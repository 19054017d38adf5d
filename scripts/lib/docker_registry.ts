import { isInstalled } from "./command.ts";
import { startDaemon, untilReady } from "./daemon.ts";
import { freePorts } from "./free_ports.ts";

/** An image registry on loopback, which engines trust without TLS. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as it stands in front of an image's name. */
  readonly address: string;
}

/** Why no registry can be started here; null if there is no known reason. */
export function registryObstacle(): string | null {
  return isInstalled("docker-registry") ? null : "docker-registry not installed";
}

/** Starts a registry with its own data; disposing it removes them. */
export async function startRegistry(): Promise<DockerRegistry> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-registry-" });
  const address = `127.0.0.1:${freePorts(1)[0]}`;
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: `${directory}/data` } },
    http: { addr: address },
  };
  // JSON is YAML.
  await Deno.writeTextFile(`${directory}/config.yml`, JSON.stringify(config));
  const args = ["serve", `${directory}/config.yml`];
  const daemon = startDaemon("docker-registry", args, { logPath: `${directory}/log` });
  const registry = {
    address,
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
  try {
    await untilReady("docker-registry", daemon, 20_000, () => answers(address));
  } catch (error) {
    await registry[Symbol.asyncDispose]();
    throw error;
  }
  return registry;
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}/v2/`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

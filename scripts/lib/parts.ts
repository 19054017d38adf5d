import { isInstalled } from "./command.ts";
import { DOCKER_PROGRAMS, engineObstacle, startEngine } from "./docker_engine.ts";
import { PODMAN_PROGRAMS, podmanObstacle, startPodman } from "./podman.ts";

/** Something from outside that some tests need. */
export interface Part {
  readonly name: string;
  /** Executables that must be on PATH. */
  readonly programs: readonly string[];
  /** Debian packages that bring them. */
  readonly packages: readonly string[];
  /** Why it does not work although it is installed; null if it does. */
  check?(): Promise<string | null>;
}

/** Everything that a test may ask for. */
export const PARTS: readonly Part[] = [
  {
    name: "docker",
    programs: DOCKER_PROGRAMS,
    packages: ["docker.io", "iproute2"],
    check: checkEngine,
  },
  {
    name: "podman",
    programs: PODMAN_PROGRAMS,
    packages: ["podman", "runc", "iproute2", "iptables"],
    check: checkPodman,
  },
  { name: "docker-compose", programs: ["docker-compose"], packages: ["docker-compose"] },
  { name: "docker-registry", programs: ["docker-registry"], packages: ["docker-registry"] },
  { name: "busybox", programs: ["busybox"], packages: ["busybox-static"] },
  {
    name: "archives",
    programs: ["tar", "gzip", "bzip2", "xz", "zstd", "zip"],
    packages: ["tar", "gzip", "bzip2", "xz-utils", "zstd", "zip"],
  },
  { name: "minisign", programs: ["minisign"], packages: ["minisign"] },
  { name: "python", programs: ["python3"], packages: ["python3"] },
  {
    name: "systemd",
    programs: ["systemd-analyze", "systemd-nspawn", "mmdebstrap"],
    packages: ["systemd", "systemd-container", "mmdebstrap"],
  },
  { name: "browser", programs: ["chromium"], packages: ["chromium"] },
  { name: "prometheus", programs: ["promtool"], packages: ["prometheus"] },
  { name: "mail", programs: ["exim4"], packages: ["exim4-daemon-light"] },
  { name: "nginx", programs: ["nginx"], packages: ["nginx-light"] },
  { name: "haproxy", programs: ["haproxy"], packages: ["haproxy"] },
  { name: "caddy", programs: ["caddy"], packages: ["caddy"] },
  { name: "redis", programs: ["redis-server"], packages: ["redis-server"] },
  { name: "wrk", programs: ["wrk"], packages: ["wrk"] },
];

/** The programs of a part that are not there. */
export function missingPrograms({ programs }: Part): string[] {
  return programs.filter((program) => !isInstalled(program));
}

/** `ready`, or `skipped: why`. */
export async function stateOf(part: Part): Promise<string> {
  const missing = missingPrograms(part);
  if (missing.length > 0) return `skipped: ${missing.join(", ")} not installed`;
  const why = await part.check?.() ?? null;
  return why === null ? "ready" : `skipped: ${why}`;
}

async function checkPodman(): Promise<string | null> {
  const obstacle = podmanObstacle();
  if (obstacle !== null) return obstacle;
  try {
    await using _podman = await startPodman("127.0.0.1:1");
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll("\n", " | ") : String(error);
  }
}

async function checkEngine(): Promise<string | null> {
  const obstacle = engineObstacle();
  if (obstacle !== null) return obstacle;
  try {
    await using _engine = await startEngine();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll("\n", " | ") : String(error);
  }
}

import { capture, isInstalled } from "./command.ts";

const POLICY = "/usr/sbin/policy-rc.d";
const QUIET = { DEBIAN_FRONTEND: "noninteractive" };
const ATTEMPTS = 3;

/** Why no package can be installed here; null if there is no known reason. */
export async function aptObstacle(): Promise<string | null> {
  if (Deno.build.os !== "linux") return `this is ${Deno.build.os}`;
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  if (!/^ID(_LIKE)?=.*\bdebian\b/m.test(release)) return "this is not Debian";
  if (!isInstalled("apt-get")) return "there is no apt-get";
  return Deno.uid() === 0 ? null : "installing needs root";
}

/**
 * Installs packages one group after the other if they cannot be installed together; services that
 * they bring are not started.
 *
 * @returns What apt-get had to say about each group that could not be installed.
 */
export async function aptInstall(groups: readonly (readonly string[])[]): Promise<string[]> {
  if (groups.length === 0) return [];
  using _policy = forbidServices();
  await update();
  if (await install(groups.flat()) === null) return [];
  const complaints: string[] = [];
  for (const group of groups) {
    const complaint = await install(group);
    if (complaint !== null) complaints.push(`${group.join(" ")}: ${complaint}`);
  }
  return complaints;
}

async function update(): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if ((await apt("update")).ok) return;
    await new Promise((resolve) => setTimeout(resolve, attempt * 2_000));
  }
}

async function install(packages: readonly string[]): Promise<string | null> {
  const result = await apt("install", "--yes", "--no-install-recommends", ...packages);
  if (result.ok) return null;
  return result.stderr.trim().split("\n").at(-1) ?? "apt-get failed";
}

function apt(...args: string[]) {
  return capture("apt-get", ["-qq", "-o", `Acquire::Retries=${ATTEMPTS}`, ...args], {
    env: QUIET,
    signal: AbortSignal.timeout(300_000),
  });
}

/** Debian's way to keep a package from starting its service: nginx on port 80, for example. */
function forbidServices(): Disposable {
  try {
    Deno.writeTextFileSync(POLICY, "#!/bin/sh\nexit 101\n", { createNew: true, mode: 0o755 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return { [Symbol.dispose]: () => {} };
  }
  return { [Symbol.dispose]: () => Deno.removeSync(POLICY) };
}

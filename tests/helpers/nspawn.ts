import { capture, type CommandResult, isInstalled, succeed } from "../../scripts/lib/command.ts";
import { type Daemon, startDaemon, untilReady } from "../../scripts/lib/daemon.ts";
import type { Requirement } from "./skip.ts";

const PROGRAMS = ["systemd-nspawn", "mmdebstrap", "unshare", "nsenter"] as const;
/** Only root may write here, so nobody else can slip a tree under us. */
const CACHE = "/var/cache/liveroll-tests";
const COMMAND_TIMEOUT_MS = 60_000;

/** A booted Debian with a real systemd as its process 1, without a network but its own loopback. */
export interface Machine extends AsyncDisposable {
  /** Runs a bash script inside, at most a minute. */
  run(script: string): Promise<CommandResult>;
  /** Writes a text file inside. */
  write(path: string, text: string, mode?: string): Promise<void>;
  /**
   * Runs a script inside again and again until its trimmed output is `expected`.
   *
   * @throws When that does not happen within `timeoutMs`; the message has the last output.
   */
  until(script: string, expected: string | RegExp, timeoutMs?: number): Promise<void>;
}

/** What a machine gets from outside. */
export interface MachineOptions {
  /** Paths outside by their path inside; read-only. */
  binds?: Record<string, string>;
}

/**
 * Met when a machine really boots here. Await it at the top of a test file. The first time on a
 * host, this fetches some Debian packages.
 */
export async function nspawnWorks(): Promise<Requirement> {
  const why = obstacle();
  if (why !== null) return { ok: false, why };
  try {
    await using machine = await bootMachine();
    return (await machine.run("systemctl --version")).ok
      ? { ok: true }
      : { ok: false, why: "systemd did not answer in a container" };
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    return { ok: false, why: `${lines[0]}: ${lines.at(-1)}` };
  }
}

/** Boots a machine; whatever it writes is gone when it is disposed. */
export async function bootMachine({ binds = {} }: MachineOptions = {}): Promise<Machine> {
  const tree = await debianTree();
  const name = `liveroll-${crypto.randomUUID().slice(0, 8)}`;
  const directory = await Deno.makeTempDir({ prefix: "liveroll-nspawn-" });
  const args = Object.entries(binds).map(([inside, outside]) => `--bind-ro=${outside}:${inside}`);
  const daemon = startDaemon(
    "unshare",
    ["--mount", "sh", "-c", BOOT, name, tree, ...args],
    { logPath: `${directory}/log`, lifetimeSeconds: 300 },
  );
  const machine = new NspawnMachine(daemon, name, directory);
  try {
    await untilReady("systemd-nspawn", daemon, 60_000, () => machine.booted());
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
  return machine;
}

// Everything that nspawn mounts or writes to /run stays in a mount namespace of its own; its control
// groups live under one that is removed in the end.
const BOOT = `
mount --make-rprivate /
umount -R /sys/fs/cgroup 2>/dev/null
mkdir -p /sys/fs/cgroup /run/systemd
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run/systemd
mkdir /sys/fs/cgroup/$0 || exit 1
tree=$1
shift
trap : TERM
(
  sh -c 'echo $PPID' > /sys/fs/cgroup/$0/cgroup.procs
  exec systemd-nspawn --quiet --directory="$tree" --volatile=overlay --boot --register=no \\
    --keep-unit --private-network --console=pipe --machine=$0 --kill-signal=SIGRTMIN+3 "$@" \\
    -- --unit=multi-user.target </dev/null
) &
wait $!
kill -TERM $! 2>/dev/null
wait $!
find /sys/fs/cgroup/$0 -depth -type d -exec rmdir {} ';'
`;

class NspawnMachine implements Machine {
  readonly #daemon: Daemon;
  readonly #name: string;
  readonly #directory: string;
  #leader: number | null = null;

  constructor(daemon: Daemon, name: string, directory: string) {
    this.#daemon = daemon;
    this.#name = name;
    this.#directory = directory;
  }

  async booted(): Promise<boolean> {
    this.#leader ??= findLeader(this.#name);
    if (this.#leader === null) return false;
    const { stdout } = await this.run("systemctl is-system-running");
    return /^(running|degraded)$/.test(stdout.trim());
  }

  run(script: string): Promise<CommandResult> {
    return capture(
      "nsenter",
      [
        `--target=${this.#leader}`,
        "--all",
        "env",
        "-i",
        "-C",
        "/",
        ...INSIDE,
        "bash",
        "-c",
        script,
      ],
      { signal: AbortSignal.timeout(COMMAND_TIMEOUT_MS) },
    );
  }

  async write(path: string, text: string, mode = "644"): Promise<void> {
    const encoded = new TextEncoder().encode(text).toBase64();
    const { ok, stderr } = await this.run(
      `mkdir -p "$(dirname '${path}')" && echo ${encoded} | base64 -d > '${path}' && ` +
        `chmod ${mode} '${path}'`,
    );
    if (!ok) throw new Error(`Cannot write ${path} in the machine: ${stderr}`);
  }

  async until(script: string, expected: string | RegExp, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const output = (await this.run(script)).stdout.trim();
      const met = typeof expected === "string" ? output === expected : expected.test(output);
      if (met) return;
      if (Date.now() > deadline) {
        throw new Error(`Cannot see ${expected} from ${script}: last seen ${output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

const INSIDE = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"];

function obstacle(): string | null {
  if (Deno.build.os !== "linux") return `nspawn needs Linux, this is ${Deno.build.os}`;
  if (Deno.uid() !== 0) return "nspawn needs root";
  const missing = PROGRAMS.filter((program) => !isInstalled(program));
  return missing.length > 0 ? `${missing.join(", ")} not installed` : null;
}

/** A minimal tree with systemd, made once per host. */
async function debianTree(): Promise<string> {
  const release = await Deno.readTextFile("/etc/os-release");
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (suite === undefined) throw new Error("Cannot make a tree: no VERSION_CODENAME in os-release");
  const tree = `${CACHE}/${suite}-systemd`;
  if (await exists(tree)) return tree;
  await Deno.mkdir(CACHE, { recursive: true, mode: 0o700 });
  const unfinished = await Deno.makeTempDir({ dir: CACHE, prefix: "unfinished-" });
  const include = "--include=systemd,systemd-sysv,dbus";
  try {
    await succeed("mmdebstrap", ["--quiet", "--variant=essential", include, suite, unfinished], {
      signal: AbortSignal.timeout(240_000),
    });
    await Deno.chmod(unfinished, 0o755);
    await Deno.rename(unfinished, tree);
  } catch (error) {
    await capture("rm", ["-rf", "--one-file-system", unfinished]);
    if (!await exists(tree)) throw error;
  }
  return tree;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The process outside that is process 1 inside. */
function findLeader(name: string): number | null {
  for (const { name: pid } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (!Deno.readTextFileSync(`/proc/${pid}/cgroup`).includes(`/${name}/`)) continue;
      if (/^NSpid:.*\t1$/m.test(Deno.readTextFileSync(`/proc/${pid}/status`))) return Number(pid);
    } catch {
      // It has ended meanwhile.
    }
  }
  return null;
}

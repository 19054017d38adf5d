import { ENGINES } from "../../src/proxy/engines.ts";
import { ask } from "../../tests/helpers/http.ts";
import { isInstalled } from "../lib/command.ts";
import { startDaemon, untilReady } from "../lib/daemon.ts";
import { freePorts } from "../lib/free_ports.ts";
import { backendOf } from "./backend.ts";
import { type Layer, type Peer, PEERS } from "./peers.ts";
import { type BackendKind, BODY } from "./scenario.ts";
import { Subject } from "./subject.ts";
import { cpuSeconds, groupMembers, memoryBytes } from "./usage.ts";

const READY_MS = 10_000;
const LIFETIME_SECONDS = 1_800;

/** Somebody who may be measured. */
export interface Entry {
  /** For `--only`. */
  id: string;
  name: string;
  layer: Layer | "none";
  /** The program that must be there. */
  program?: string;
}

/** The backend alone: what no proxy can beat. */
export const DIRECT: Entry = { id: "direct", name: "direct", layer: "none" };

const ENGINE_ENTRIES: readonly Entry[] = Object.keys(ENGINES).map((engine) => ({
  id: engine,
  name: `liveroll ${engine}`,
  layer: engine === "tcp" ? "tcp" : "http",
}));

/** Everybody, in the order of the tables: the backend, then one layer after the other. */
export const ENTRIES: readonly Entry[] = [
  DIRECT,
  ...(["http", "tcp"] as const).flatMap((layer) =>
    [...PEERS, ...ENGINE_ENTRIES].filter((entry) => entry.layer === layer)
  ),
];

/** An entry that runs and answers. */
export interface Contestant extends Entry {
  port: number;
  /** Processor seconds that it has used so far; what its backend uses does not count. */
  cpuSeconds(): number;
  /** Resident memory of all its processes now. */
  memoryBytes(): number;
}

/** What is measured together. */
export interface FieldOptions {
  entries: readonly Entry[];
  backend: BackendKind;
  /** For liveroll. */
  flags: readonly string[];
  directory: string;
}

/** All contestants in front of backends of one kind; disposing it ends them. */
export class Field implements AsyncDisposable {
  readonly contestants: readonly Contestant[];
  /** The program that stands behind all of them. */
  readonly backend: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    contestants: readonly Contestant[],
    backend: string,
    stack: AsyncDisposableStack,
  ) {
    this.contestants = contestants;
    this.backend = backend;
    this.#stack = stack;
  }

  /** Starts one after the other. */
  static async start(options: FieldOptions): Promise<Field> {
    await using stack = new AsyncDisposableStack();
    const directory = await subdirectory(options, "direct");
    const backend = await startBackend(options.backend, directory);
    stack.use(backend.daemon);
    const contestants: Contestant[] = [];
    for (const entry of options.entries) {
      if (entry.layer === "none") contestants.push(running(entry, backend.port, () => []));
      else contestants.push(await startEntry(entry, backend.port, options, stack));
    }
    return new Field(contestants, backend.name, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Those that cannot take part, and why. */
export function absentees(entries: readonly Entry[]): { name: string; why: string }[] {
  return entries.filter(({ program }) => program !== undefined && !isInstalled(program))
    .map(({ name, program }) => ({ name, why: `${program} is not installed` }));
}

function running(entry: Entry, port: number, pids: () => number[]): Contestant {
  return {
    ...entry,
    port,
    cpuSeconds: () => cpuSeconds(pids()),
    memoryBytes: () => memoryBytes(pids()),
  };
}

async function startBackend(kind: BackendKind, directory: string) {
  const [port] = freePorts(1) as [number];
  const { name, command } = backendOf(kind, directory);
  const daemon = startDaemon("sh", ["-c", `cd "$0" && ${command}`, directory], {
    logPath: `${directory}/backend.log`,
    env: { PORT: `${port}`, BENCH_BODY: BODY },
    lifetimeSeconds: LIFETIME_SECONDS,
  });
  return { name, port, daemon: await ready("the backend", daemon, port) };
}

async function startEntry(
  entry: Entry,
  backendPort: number,
  options: FieldOptions,
  stack: AsyncDisposableStack,
): Promise<Contestant> {
  const directory = await subdirectory(options, entry.id);
  const peer = PEERS.find(({ id }) => id === entry.id);
  if (peer !== undefined) return await startPeer(peer, backendPort, directory, stack);
  const [port, first, second] = freePorts(3) as [number, number, number];
  const subject = stack.use(
    await Subject.serving({
      port,
      childPorts: [first, second],
      directory,
      exec: backendOf(options.backend, directory).command,
      flags: [`--engine=${entry.id}`, ...options.flags],
    }),
  );
  return running(entry, port, () => [subject.pid]);
}

async function startPeer(
  peer: Peer,
  backendPort: number,
  directory: string,
  stack: AsyncDisposableStack,
): Promise<Contestant> {
  const [port] = freePorts(1) as [number];
  await Deno.writeTextFile(`${directory}/${peer.configFile}`, peer.config(port, backendPort));
  const daemon = startDaemon(peer.program, peer.args(directory), {
    logPath: `${directory}/${peer.program}.log`,
    env: peer.env(directory),
    lifetimeSeconds: LIFETIME_SECONDS,
  });
  stack.use(await ready(peer.name, daemon, port));
  const members = groupMembers(daemon.pid);
  return running(peer, port, () => members);
}

async function ready(
  name: string,
  daemon: ReturnType<typeof startDaemon>,
  port: number,
): Promise<AsyncDisposable> {
  try {
    await untilReady(name, daemon, READY_MS, () => answers(port));
    return daemon;
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw error;
  }
}

async function subdirectory({ directory, backend }: FieldOptions, id: string): Promise<string> {
  const path = `${directory}/${backend}-${id}`;
  await Deno.mkdir(path);
  return path;
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await ask(port, "/", { timeoutMs: 1_000 })).status === 200;
  } catch {
    return false;
  }
}

import type { ChildLogs, HealthCheck } from "../config/config.ts";
import type { CommandEnd, Inside, Notices } from "../health/inside.ts";
import { childEnvironment } from "../platform/environment.ts";
import type { Log } from "../platform/log.ts";
import { type PortObstacle, portObstacle } from "../platform/ports.ts";
import type { Runtime } from "../roll/effects.ts";
import type { Instance } from "../roll/instance.ts";
import type { InstanceRecord } from "../roll/journal.ts";
import { findInstance } from "./find_instance.ts";
import { portsOf } from "./instance_ports.ts";
import type { Identity, ProcessInstance } from "./process_instance.ts";
import type { PublicSockets } from "./public_sockets.ts";
import { startInstance } from "./start_instance.ts";

/** How versions are run as shell commands. */
export interface ProcessRuntimeOptions {
  /** Command with templates; starts a version and stays with it. */
  exec: string;
  /** Command with templates that ends a version instead of `stopSignal`; null: the signal. */
  stop: string | null;
  stopSignal: Deno.Signal;
  /** Time between asking and KILL, in milliseconds. */
  stopTimeoutMs: number;
  /** Address that children listen on. */
  childHost: string;
  /** Handed on to children; with `notify` each of them gets a socket to speak on. */
  healthcheck: HealthCheck;
  /** Added to a child's port to get the port that is probed. */
  healthPortOffset: number;
  /** Added to a child's port to get further ports that it listens on. */
  portOffsets?: readonly number[];
  /** Ports that every child listens on, whatever its own. */
  fixedPorts?: readonly number[];
  /** Where a version lies; it runs there. Absent: in our own working directory. */
  releaseDir?: (id: string) => string | null;
  /** Absent: a proxy stands in front of children. */
  sockets?: PublicSockets;
  childLogs: ChildLogs;
  /** Our own environment. */
  env: Readonly<Record<string, string>>;
  /** Variables of `env` that are liveroll's options and no business of a child. */
  optionNames: Iterable<string>;
  /** Hears about children. */
  log: Log;
  /** Takes secrets out of what children print. @default What they print is kept as it is. */
  redact?: (line: string) => string;
  /** Hears what children print, line by line. */
  childLog: Log;
  /** Hears what the stop command prints. */
  stopLog: Log;
  /** Hears what children print, too, line by line; must not throw and must not wait. */
  onLine?: (line: string, stream: OutputStream, instance: LineOrigin) => void;
}

/** What a child prints on. */
export type OutputStream = "stdout" | "stderr";

/** Whose line it is. */
export type LineOrigin = Readonly<Pick<Instance, "key" | "id" | "port">>;

/** Runs versions as shell commands, each in its own process group. */
export class ProcessRuntime implements Runtime, Inside {
  readonly #options: ProcessRuntimeOptions;
  readonly #env: Record<string, string>;
  readonly #instances = new Map<string, ProcessInstance>();

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    this.#env = childEnvironment(options.env, {
      omit: options.optionNames,
      inheritsOutput: options.childLogs === "inherit",
    });
  }

  /** Captured output needs its reader: a child that prints into nobody's ear dies of it. */
  get outlives(): boolean {
    return this.#options.childLogs === "inherit";
  }

  /** @throws {Deno.errors.NotFound} When there is no `sh`. */
  // deno-lint-ignore require-await -- a broken shell is a rejection, like every other failure
  async start(identity: Identity): Promise<Instance> {
    return this.#keep(startInstance(identity, this.#env, this.#options));
  }

  async find(record: InstanceRecord): Promise<Instance | null> {
    const known = this.#instances.get(record.key);
    if (known) return known;
    const instance = await findInstance(record, this.#env, this.#options);
    return instance && this.#keep(instance);
  }

  async portHolder(port: number): Promise<string | null> {
    return (await this.portObstacle(port))?.detail ?? null;
  }

  /** Looks at its other ports too: a stranger there would answer for the child. */
  async portObstacle(port: number): Promise<PortObstacle | null> {
    const { childHost } = this.#options;
    for (const one of portsOf(port, this.#options)) {
      const obstacle = await portObstacle(childHost, one);
      if (obstacle === null) continue;
      return { ...obstacle, detail: obstacle.detail + this.#where(one, port) };
    }
    return null;
  }

  async run(
    { key }: Instance,
    command: string,
    signal: AbortSignal,
  ): Promise<CommandEnd> {
    const instance = this.#instances.get(key);
    if (!instance) throw new Error("it has been stopped");
    return await instance.run(command, signal);
  }

  notices({ key }: Instance): Notices | null {
    return this.#instances.get(key)?.notices ?? null;
  }

  /** Stops every instance ever started that was not stopped yet. */
  async stopAll(): Promise<void> {
    const instances = [...this.#instances.values()];
    await Promise.all(instances.map((instance) => instance.stop()));
  }

  /** Looks after nobody any more; what runs goes on, and can be found again. */
  async leave(): Promise<void> {
    const instances = [...this.#instances.values()];
    this.#instances.clear();
    await Promise.all(instances.map((instance) => instance.leave()));
  }

  #keep(instance: ProcessInstance): ProcessInstance {
    const { key } = instance;
    this.#instances.set(key, instance);
    instance.stopped.then(() => {
      if (this.#instances.get(key) === instance) this.#instances.delete(key);
    });
    return instance;
  }

  #where(port: number, main: number): string {
    if (port === main) return "";
    return port === main + this.#options.healthPortOffset
      ? ` on health port ${port}`
      : ` on further port ${port}`;
  }
}

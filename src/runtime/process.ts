import type { ChildLogs } from "../config/config.ts";
import { childEnvironment } from "../platform/environment.ts";
import type { Log } from "../platform/log.ts";
import { type PortObstacle, portObstacle } from "../platform/ports.ts";
import type { Instance, Runtime } from "../roll/effects.ts";
import { ProcessInstance } from "./process_instance.ts";

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
  /** Path of the health check, handed on to children. */
  healthcheck: string;
  /** Added to a child's port to get the port that is probed. */
  healthPortOffset: number;
  childLogs: ChildLogs;
  /** Our own environment. */
  env: Readonly<Record<string, string>>;
  /** Variables of `env` that are liveroll's options and no business of a child. */
  optionNames: Iterable<string>;
  /** Hears about children. */
  log: Log;
  /** Hears what children print, line by line. */
  childLog: Log;
  /** Hears what the stop command prints. */
  stopLog: Log;
}

/** Runs versions as shell commands, each in its own process group. */
export class ProcessRuntime implements Runtime {
  readonly #options: ProcessRuntimeOptions;
  readonly #env: Record<string, string>;
  readonly #instances = new Set<ProcessInstance>();
  #started = 0;

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    this.#env = childEnvironment(options.env, {
      omit: options.optionNames,
      inheritsOutput: options.childLogs === "inherit",
    });
  }

  /** @throws {Deno.errors.NotFound} When there is no `sh`. */
  // deno-lint-ignore require-await -- a broken shell is a rejection, like every other failure
  async start({ id, port }: { id: string; port: number }): Promise<Instance> {
    const key = `i${++this.#started}`;
    const instance = new ProcessInstance({ key, id, port }, this.#env, this.#options);
    this.#instances.add(instance);
    instance.stopped.then(() => this.#instances.delete(instance));
    return instance;
  }

  async portHolder(port: number): Promise<string | null> {
    return (await this.portObstacle(port))?.detail ?? null;
  }

  /** Looks at the port of the health check too: a stranger there would answer for the child. */
  async portObstacle(port: number): Promise<PortObstacle | null> {
    const { childHost, healthPortOffset } = this.#options;
    const obstacle = await portObstacle(childHost, port);
    if (obstacle !== null || healthPortOffset === 0) return obstacle;
    const healthPort = port + healthPortOffset;
    const other = await portObstacle(childHost, healthPort);
    return other && { ...other, detail: `${other.detail} on health port ${healthPort}` };
  }

  /** Stops every instance ever started that was not stopped yet. */
  async stopAll(): Promise<void> {
    const instances = [...this.#instances];
    await Promise.all(instances.map((instance) => instance.stop()));
  }
}

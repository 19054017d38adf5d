import { parse } from "@std/yaml/parse";
import { childEnvironment } from "../../platform/environment.ts";
import type { Redact } from "../../platform/output_tail.ts";
import type { ToolEnd } from "../../platform/run_tool.ts";
import type { StackModel } from "../model.ts";
import { readModel } from "../read_model.ts";
import {
  configArguments,
  pullArguments,
  rehearseArguments,
  runArguments,
  stackArguments,
  stopArguments,
  unnamedArguments,
  upArguments,
} from "./arguments.ts";
import { type Call, call, callOrThrow } from "./call.ts";
import type { ComposeCallOptions, ComposeProgram, ComposeStopOptions } from "./compose_program.ts";
import { containersByLabel, type FindContainers } from "./containers.ts";
import type { ComposeVersion } from "./find.ts";
import { CALL_VARIABLE } from "./left_over_calls.ts";
import { requireServices } from "./service_name.ts";
import type { ComposeStack, OneShot, UnnamedStack, UpOptions } from "./stack.ts";

const TIMEOUT_MS = 10 * 60_000;

/** A line of a rehearsal: `DRY-RUN MODE -  Network blog_back  Removed`. */
const REMOVED_NETWORK = /\bNetwork (\S+) +Removed\b/;

/** What a {@linkcode ComposeCli} goes by. */
export interface ComposeCliOptions {
  readonly version: ComposeVersion;
  /** The environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The variable that we change in the environment file. It is not handed on: compose believes the
   * environment more than any file. Null: there is none.
   */
  readonly managedKey: string | null;
  readonly redact: Redact;
  /** What its calls are known by after our end. @default {they are not} */
  readonly mark?: string;
  /** @default {by the program `docker`} */
  readonly findContainers?: FindContainers;
}

/** The real compose, version 1 or 2, called as a program. */
export class ComposeCli implements ComposeProgram {
  readonly version: ComposeVersion;
  readonly #options: ComposeCliOptions;

  constructor(options: ComposeCliOptions) {
    this.version = options.version;
    this.#options = options;
  }

  async defaultProject(stack: UnnamedStack, options: ComposeCallOptions = {}) {
    if (this.version.major === 1) return null;
    const words = [...this.version.words, ...unnamedArguments(stack), ...configArguments(2)];
    const { COMPOSE_PROJECT_NAME: _, ...env } = this.#environment("");
    const base = this.#call({ ...stack, project: "" }, ["config"], options);
    const { stdout } = await callOrThrow({ ...base, words, env, isCaptured: true });
    return readModel(this.#parse(stdout), "").name;
  }

  async config(stack: ComposeStack, options: ComposeCallOptions = {}): Promise<StackModel> {
    const args = configArguments(this.version.major);
    const { stdout } = await callOrThrow({ ...this.#call(stack, args, options), isCaptured: true });
    return readModel(this.#parse(stdout), stack.project);
  }

  async pull(stack: ComposeStack, services: readonly string[], options: ComposeCallOptions = {}) {
    requireServices(services);
    await callOrThrow(this.#call(stack, pullArguments(services), options));
  }

  async up(
    stack: ComposeStack,
    services: readonly string[],
    options: UpOptions & ComposeCallOptions = {},
  ): Promise<void> {
    requireServices(services);
    await callOrThrow(this.#call(stack, upArguments(services, options), options));
  }

  async changedNetworks(
    stack: ComposeStack,
    services: readonly string[],
    options: ComposeCallOptions = {},
  ): Promise<string[]> {
    if (this.version.major === 1) return [];
    requireServices(services);
    const networks = new Set<string>();
    const onLine = (line: string) => {
      const [, name] = REMOVED_NETWORK.exec(line) ?? [];
      if (name !== undefined) networks.add(name);
    };
    // Whatever is wrong beside that, `up` itself will say; old ones cannot rehearse.
    await call(this.#call(stack, rehearseArguments(services), { ...options, onLine }));
    return [...networks];
  }

  async stop(stack: ComposeStack, services: readonly string[], options: ComposeStopOptions = {}) {
    requireServices(services);
    const args = stopArguments(services, options.stopTimeoutMs);
    await callOrThrow(this.#call(stack, args, options));
  }

  async ps(stack: ComposeStack, service: string, options: ComposeCallOptions = {}) {
    requireServices([service]);
    const find = this.#options.findContainers ??
      ((labels) => containersByLabel({ ...this.#call(stack, ["ps"], options), labels }));
    return await find({
      "com.docker.compose.project": stack.project,
      "com.docker.compose.service": service,
      "com.docker.compose.oneoff": "False",
    });
  }

  async runOnce(
    stack: ComposeStack,
    shot: OneShot,
    options: ComposeCallOptions = {},
  ): Promise<ToolEnd> {
    requireServices([shot.service]);
    const { env = {}, stdoutPath } = shot;
    const base = this.#call(stack, runArguments(shot), options);
    const end = await call({
      ...base,
      env: { ...base.env, ...env },
      ...(stdoutPath !== undefined && { stdoutPath }),
    });
    // Compose 1 prints the exit code behind what the command has said.
    const lines = end.lastLines;
    const isEcho = this.version.major === 1 && lines.at(-1) === `${end.code}`;
    return isEcho ? { ...end, lastLines: lines.slice(0, -1) } : end;
  }

  /** The message has nothing of the text: it holds all that is secret in the environment. */
  #parse(config: string): unknown {
    // JSON is YAML, too; the parser that fits is faster.
    const read = this.version.major === 1 ? parse : JSON.parse;
    try {
      return read(config);
    } catch {
      throw new Error("Cannot understand the configuration that compose prints");
    }
  }

  #call(stack: ComposeStack, args: readonly string[], options: ComposeCallOptions): Call {
    const { timeoutMs = TIMEOUT_MS, onLine, signal } = options;
    return {
      words: [...this.version.words, ...stackArguments(stack), ...args],
      action: args[0]!,
      directory: stack.directory,
      env: this.#environment(stack.project),
      timeoutMs,
      redact: this.#options.redact,
      ...(onLine && { onLine }),
      ...(signal && { signal }),
    };
  }

  #environment(project: string): Record<string, string> {
    const { env, managedKey, mark } = this.#options;
    return childEnvironment(env, {
      omit: ["COMPOSE_FILE", "COMPOSE_ENV_FILES", ...(managedKey === null ? [] : [managedKey])],
      extra: {
        // Files may use it, and have to find what -p says.
        COMPOSE_PROJECT_NAME: project,
        // Containers that the files do not know are none of our business.
        COMPOSE_REMOVE_ORPHANS: "false",
        COMPOSE_PROGRESS: "plain",
        COMPOSE_ANSI: "never",
        ...(mark !== undefined && { [CALL_VARIABLE]: mark }),
      },
    });
  }
}

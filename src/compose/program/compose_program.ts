import type { ToolEnd } from "../../platform/run_tool.ts";
import type { StackModel } from "../model.ts";
import type { ComposeVersion } from "./find.ts";
import type { ComposeStack, OneShot, UnnamedStack, UpOptions } from "./stack.ts";

/** How a call goes. */
export interface ComposeCallOptions {
  /** @default {10 minutes} */
  readonly timeoutMs?: number;
  /** Hears what compose prints, without secrets. */
  onLine?(line: string): void;
  readonly signal?: AbortSignal;
}

/** How containers are taken away. */
export interface ComposeStopOptions extends ComposeCallOptions {
  /** How long a container may take before it is killed, in milliseconds. */
  readonly stopTimeoutMs?: number;
}

/**
 * What we ask of compose. Everything but {@linkcode ComposeProgram.runOnce} throws a `ComposeError`
 * when it fails.
 */
export interface ComposeProgram {
  readonly version: ComposeVersion;
  /**
   * The name that compose itself gives a stack, by `name:` in its files or its directory, or by the
   * environment file. Null: compose 1 knows no `name:`, and does not say.
   */
  defaultProject(stack: UnnamedStack, options?: ComposeCallOptions): Promise<string | null>;
  /** The model: all files merged, variables put in. Its environment holds secrets. */
  config(stack: ComposeStack, options?: ComposeCallOptions): Promise<StackModel>;
  pull(
    stack: ComposeStack,
    services: readonly string[],
    options?: ComposeCallOptions,
  ): Promise<void>;
  /** Brings services up and touches no others. That they are up does not mean that they are well. */
  up(
    stack: ComposeStack,
    services: readonly string[],
    options?: UpOptions & ComposeCallOptions,
  ): Promise<void>;
  /**
   * Networks that {@linkcode ComposeProgram.up} would make anew, since the files want them otherwise
   * by now: version 2 stops the containers in them for it, also those that it is to keep. Version 1
   * refuses, and is not asked.
   */
  changedNetworks(
    stack: ComposeStack,
    services: readonly string[],
    options?: ComposeCallOptions,
  ): Promise<string[]>;
  stop(
    stack: ComposeStack,
    services: readonly string[],
    options?: ComposeStopOptions,
  ): Promise<void>;
  /** Ids of the containers of a service that run or are stopped, not those of one-shot commands. */
  ps(stack: ComposeStack, service: string, options?: ComposeCallOptions): Promise<string[]>;
  /** Runs a command with image, environment, networks and volumes of a service. */
  runOnce(stack: ComposeStack, shot: OneShot, options?: ComposeCallOptions): Promise<ToolEnd>;
}

import type { Log } from "../platform/log.ts";
import { RecentLines } from "../platform/recent_lines.ts";
import { runShellCommand } from "../platform/shell_command.ts";
import type { HookContext, Hooks } from "../roll/effects.ts";
import type { HookEnd, HookName } from "../roll/events.ts";

/** Lines of a hook's output that are kept. */
const LAST_LINES = 50;

/** Which commands are run around a roll; null: none. */
export interface HookOptions {
  readonly beforeHook: string | null;
  readonly afterHook: string | null;
  readonly onFailureHook: string | null;
  readonly hookTimeoutMs: number;
  /** The environment of all hooks, without what they are told. */
  readonly env: Readonly<Record<string, string>>;
  /** Hears what hooks print, line by line. */
  readonly log: Log;
  /** Where a version lies. Absent: versions have no files of ours. */
  readonly releaseDir?: (id: string) => string | null;
}

/** Runs the operator's commands around a roll, each in a process group of its own. */
export class HookCommands implements Hooks {
  readonly #options: HookOptions;
  readonly #commands: Readonly<Record<HookName, string | null>>;
  readonly #leftovers = new Set<Promise<void>>();

  constructor(options: HookOptions) {
    const { beforeHook, afterHook, onFailureHook } = options;
    this.#options = options;
    this.#commands = {
      before: beforeHook,
      after: afterHook,
      "on-failure": onFailureHook,
    };
  }

  has(hook: HookName): boolean {
    return this.#commands[hook] !== null;
  }

  async run(
    hook: HookName,
    context: HookContext,
    signal: AbortSignal,
  ): Promise<HookEnd> {
    const { env, hookTimeoutMs, log, releaseDir } = this.#options;
    const last = new RecentLines(LAST_LINES);
    const began = performance.now();
    const { result, idle } = runShellCommand(this.#commands[hook] ?? "true", {
      env: {
        ...env,
        ...variables(hook, context),
        ...(releaseDir && { LIVEROLL_RELEASE_DIR: releaseDir(context.to) ?? "" }),
      },
      timeoutMs: hookTimeoutMs,
      signal,
      onLine(line, stream) {
        last.push(line);
        log.info(line, { hook, roll: context.roll, stream });
      },
    });
    this.#leftovers.add(idle);
    idle.then(() => this.#leftovers.delete(idle));
    const ended = await result;
    const durationMs = performance.now() - began;
    const lastLines = last.all();
    if (ended.outcome !== "exited") {
      return { outcome: "timed_out", code: null, lastLines, durationMs };
    }
    const { code } = ended.exit;
    return {
      outcome: code === 0 ? "succeeded" : "failed",
      code,
      lastLines,
      durationMs,
    };
  }

  /** Resolves when nothing that a hook has started in its group is left running. */
  async idle(): Promise<void> {
    while (this.#leftovers.size > 0) await Promise.all(this.#leftovers);
  }
}

/** What a hook is told; what does not apply is empty. */
function variables(
  hook: HookName,
  context: HookContext,
): Record<string, string> {
  return {
    LIVEROLL_HOOK: hook,
    LIVEROLL_ROLL_ID: String(context.roll),
    LIVEROLL_FROM_ID: context.from ?? "",
    LIVEROLL_TO_ID: context.to,
    LIVEROLL_PORT: context.port ? String(context.port) : "",
    LIVEROLL_PHASE: context.phase,
    LIVEROLL_OUTCOME: context.outcome,
    LIVEROLL_TRIGGER: context.trigger,
  };
}

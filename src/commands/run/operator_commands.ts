import type { Releases } from "../../artifact/releases.ts";
import type { Config } from "../../config/config.ts";
import { OPTION_VARIABLES } from "../../config/environment.ts";
import { redactedLog } from "../../notify/redacted.ts";
import type { Redactor } from "../../notify/redact.ts";
import { childEnvironment } from "../../platform/environment.ts";
import { getLog } from "../../platform/log.ts";
import { HookCommands } from "../../runtime/hook_commands.ts";
import { CommandSource } from "../../source/command.ts";

/** What commands beside the application see of our environment. */
export function commandEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return childEnvironment(env, { omit: OPTION_VARIABLES, inheritsOutput: false });
}

/** What commands of the operator run with. */
export interface OperatorCommandsOptions {
  env: Readonly<Record<string, string>>;
  /** Takes secrets out of what others may see. */
  redact: Redactor;
}

/** The commands around a roll; they are told where files of versions are. */
export function hookCommands(
  config: Config,
  { env, redact, releases }: OperatorCommandsOptions & {
    /** Null: versions have no files of ours. */
    releases: { readonly releases: Pick<Releases, "directoryOf"> | null } | null;
  },
): HookCommands {
  const log = redactedLog(getLog("hook"), redact);
  const files = releases?.releases ?? null;
  return new HookCommands({
    ...config,
    env: commandEnvironment(env),
    log,
    ...(files !== null && { releaseDir: (id) => files.directoryOf(id) }),
  });
}

/** The commands that bring the newest version here, and name it. */
export function commandSource(
  config: Config,
  { env, redact }: OperatorCommandsOptions,
): CommandSource {
  return new CommandSource({
    ...config,
    // Without a registry both were asked for.
    pull: config.pull ?? "",
    id: config.id ?? "",
    env: commandEnvironment(env),
    pullLog: redactedLog(getLog("pull"), redact),
    idLog: redactedLog(getLog("id"), redact),
  });
}

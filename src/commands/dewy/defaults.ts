import type { Defaults } from "../../config/resolve.ts";
import type { DewyCommand } from "./keep_up.ts";

/** The variable by which Server::Starter is told how long the old one stays, in seconds. */
const STAYS = "KILL_OLD_DELAY";

/** A release of Dewy knows of no path that says whether it is well: what listens, is. */
const DEFAULTS: Readonly<Record<DewyCommand, Defaults>> = {
  server: { healthcheck: "tcp" },
  assets: {},
  container: { healthcheck: "tcp" },
};

/** On a socket that all of them share nobody can see who listens: what lives, is well. */
const WITHOUT_PROXY = { healthcheck: "timer:1s" };

/** What options are by default for a command of Dewy. */
export function defaultsOf(
  command: DewyCommand,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Defaults {
  if (command !== "server") return DEFAULTS[command];
  const stays = env[STAYS] ?? "";
  return {
    ...DEFAULTS.server,
    ...(isDirect(args, env) && WITHOUT_PROXY),
    ...(/^\d{1,6}$/.test(stays) && { "keep-warm": `${Number(stays)}s` }),
  };
}

/** What is wrong with the environment; null: nothing. */
export function badDelay(
  command: DewyCommand,
  env: Readonly<Record<string, string>>,
): string | null {
  const stays = env[STAYS] ?? "";
  if (command !== "server" || stays === "" || /^\d{1,6}$/.test(stays)) return null;
  return `${STAYS}: ${JSON.stringify(stays)} is not a number of seconds, give for example 5`;
}

/**
 * Whether direct mode is asked for. A file is not looked into: whoever has one can say there how a
 * child is asked, too.
 */
export function isDirect(args: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const at = args.findLastIndex((arg) => /^--?engine(=|$)/.test(arg));
  const [, attached = args[at + 1]] = args[at]?.split("=") ?? [];
  return (at === -1 ? env.LIVEROLL_ENGINE : attached) === "direct";
}

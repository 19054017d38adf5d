import { environmentName } from "../config/environment.ts";
import type { Flag } from "../config/options.ts";

/** Whether `flag` is given, or help is asked for, or a file that may have it. */
export function asksFor(
  flag: Flag,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): boolean {
  const known = new RegExp(`^(--?(${flag}|config|help|version)(=|$)|-h$)`);
  const isInEnvironment = Boolean(env[environmentName(flag)] || env.LIVEROLL_CONFIG);
  return args.some((arg) => known.test(arg)) || isInEnvironment;
}

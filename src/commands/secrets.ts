import type { Config } from "../config/config.ts";
import type { Flag } from "../config/options.ts";
import { secretsOf } from "../notify/channels.ts";
import { createRedactor, HIDDEN, secretsOfEnv } from "../notify/redact.ts";

const OF_REDIS = /(?<=^rediss?:\/\/[^:@/?]*:).+(?=@)/g;

/** Passwords of any length, where they stand in what somebody wrote. */
const PASSWORDS: { readonly [F in Flag]?: RegExp } = {
  notify: /(?<=^(?:mail|smtp):.*[?&]password=)[^&\n]+/gm,
  cache: OF_REDIS,
  fleet: OF_REDIS,
};

/** Secrets that a configuration itself holds, so that they can be hidden everywhere else. */
export function secretsIn({ notify, releases: { cache }, fleet, container }: Config): string[] {
  const ofStores = [cache, fleet?.store ?? null].flatMap((store) =>
    store?.kind === "redis" && store.password !== null ? [store.password] : []
  );
  const ofContainers = secretsOfEnv(toRecord(container?.run.body.Env ?? []));
  return [...notify.flatMap(secretsOf), ...ofStores, ...ofContainers];
}

/** Takes secrets out of the text of an option, as it was written. */
export type OptionRedactor = (flag: Flag, text: string) => string;

/** Hides the secrets of a configuration and of the environment in the options that hold them. */
export function optionRedactor(
  config: Config,
  env: Readonly<Record<string, string>>,
): OptionRedactor {
  const redact = createRedactor(env, secretsIn(config));
  return (flag, text) => {
    const passwords = PASSWORDS[flag];
    return redact(passwords === undefined ? text : text.replace(passwords, HIDDEN));
  };
}

function toRecord(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(env.map((entry) => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)];
  }));
}

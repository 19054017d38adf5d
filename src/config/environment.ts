import { INSTANCE_VARIABLE } from "../platform/escapees.ts";
import { suggestion } from "../values/suggestion.ts";
import type { Contribution, Given } from "./given.ts";
import { type Flag, FLAGS, optionOf } from "./options.ts";

const PREFIX = "LIVEROLL_";

/** Variables that a child is given and that an option is named after as well. */
const SHARED_WITH_CHILDREN: readonly Flag[] = ["id", "port", "healthcheck"];

/** Variables that a child is given and that are no options. */
const CHILD_VARIABLES = [
  INSTANCE_VARIABLE,
  "LIVEROLL_HEALTH_PORT",
  "LIVEROLL_HOOK",
  "LIVEROLL_ROLL_ID",
  "LIVEROLL_FROM_ID",
  "LIVEROLL_TO_ID",
  "LIVEROLL_PHASE",
  "LIVEROLL_OUTCOME",
  "LIVEROLL_TRIGGER",
];

/** Every variable that sets an option; a child's environment must not pass them on. */
export const OPTION_VARIABLES: readonly string[] = environmentFlags().map(environmentName);

/** `LIVEROLL_DRAIN_TIMEOUT` for `drain-timeout`. */
export function environmentName(flag: Flag): string {
  return PREFIX + flag.toUpperCase().replaceAll("-", "_");
}

/** Reads options from `LIVEROLL_…`; an empty variable counts as unset. */
export function readEnvironment(env: Readonly<Record<string, string>>): Contribution {
  // A liveroll that is the child of another one finds there what the other one tells its child.
  const foreign = env[INSTANCE_VARIABLE] ? SHARED_WITH_CHILDREN : [];
  const given = environmentFlags().flatMap((flag): Given[] => {
    const name = environmentName(flag);
    const text = env[name];
    if (!text || foreign.includes(flag)) return [];
    return [{ flag, text, origin: { from: "environment", name } }];
  });
  return { given, problems: [], meant: [] };
}

/** One complaint for each variable that looks like an option and is none. */
export function environmentWarnings(env: Readonly<Record<string, string>>): string[] {
  const known = [...OPTION_VARIABLES, ...CHILD_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name)).sort()
    .map((name) => {
      const near = suggestion(withoutPrefix(name), OPTION_VARIABLES.map(withoutPrefix));
      return `${name} is no option${near === null ? "" : ` (did you mean ${PREFIX}${near}?)`}`;
    });
}

/** The prefix that all share would make everything look alike. */
function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}

function environmentFlags(): Flag[] {
  return FLAGS.filter((flag) => optionOf(flag).only !== "flag");
}

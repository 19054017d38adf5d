import { dirname } from "node:path/posix";
import { environmentName } from "../../config/environment.ts";
import type { Flag } from "../../config/options.ts";
import type { Defaults } from "../../config/resolve.ts";
import { quote } from "../../values/kinds.ts";
import { suggestion } from "../../values/suggestion.ts";
import { type Around, OLD_NAMES, type OldName, PREFIX } from "./old_variable.ts";
import { OLD_VARIABLES } from "./old_variables.ts";

type Env = Readonly<Record<string, string>>;

/** Where `cosign` is, for the updater of ProcessGit. */
const COSIGN = "COSIGN_BIN";

/** What options are by default where the updater of ProcessGit was. */
const DEFAULTS: Defaults = {
  // It did nothing by itself, and said what is new when somebody looked.
  "notify-only": "true",
  interval: "10m",
  "health-timeout": "2m",
  "health-status": "200",
  "log-format": "json",
};

/** What keeps requests from failing while a service is replaced. */
const NO_PORT =
  "without --port requests pass liveroll by and fail while the service is replaced: take its " +
  "port out of ports: in the compose file, and give it to liveroll as --port";

/** What the variables of the updater of ProcessGit mean here. */
export interface Translation {
  /** Options as `liveroll compose` takes them, for before those that were given. */
  readonly args: readonly string[];
  /** What options are where nobody says anything. */
  readonly defaults: Defaults;
  /** The environment, with what else the variables say. */
  readonly env: Env;
  /** What is not quite the same here, for people. */
  readonly notes: readonly string[];
  /** Variables that nobody reads. */
  readonly warnings: readonly string[];
  /** What there is nothing for. */
  readonly problems: readonly string[];
}

/**
 * Translates the variables of the updater of ProcessGit. Options of ours count more than they do.
 *
 * @param args Options of ours.
 */
export function fromUpdater(args: readonly string[], env: Env): Translation {
  const isGiven = (flag: Flag) => givenValue(flag, args, env) !== null;
  const valueOf = (name: OldName) => env[PREFIX + name] || OLD_VARIABLES[name].default;
  const stateDir = givenValue("state-dir", args, env) ?? valueOf("STATE_DIR");
  const around = { isGiven, valueOf, stateDir };
  const read = OLD_NAMES.map((name) => readVariable(name, around, env));
  const cosign = cosignPath(env);
  const hasPort = isGiven("port");
  return {
    args: read.flatMap((one) => one.args ?? []),
    defaults: hasPort ? DEFAULTS : { ...DEFAULTS, host: "127.0.0.1" },
    env: Object.assign({}, env, ...[...read, cosign].map((one) => one.env ?? {})),
    notes: [...read.flatMap((one) => one.notes ?? []), ...hasPort ? [] : [NO_PORT]],
    warnings: unknownVariables(env),
    problems: [...read, cosign].flatMap(({ problem }) => problem === undefined ? [] : [problem]),
  };
}

interface Reading {
  readonly args?: readonly string[];
  readonly notes?: readonly string[];
  readonly env?: Env;
  readonly problem?: string;
}

function readVariable(name: OldName, around: Around, env: Env): Reading {
  const variable = PREFIX + name;
  try {
    const meaning = OLD_VARIABLES[name].read(
      around.valueOf(name),
      around,
      Boolean(env[variable]),
    );
    const notes = (meaning.notes ?? []).map((note) => `${variable}: ${note}`);
    return { ...meaning, notes };
  } catch (error) {
    return { problem: `${variable}: ${error instanceof Error ? error.message : error}` };
  }
}

/** The value of an option of ours, from the command line or the environment; null: there is none. */
function givenValue(flag: Flag, args: readonly string[], env: Env): string | null {
  const at = args.findLastIndex((arg) => new RegExp(`^--?${flag}(=|$)`).test(arg));
  if (at === -1) return env[environmentName(flag)] || null;
  const [, attached] = args[at]!.split(/=(.*)/s);
  return attached ?? args[at + 1] ?? "";
}

/** `cosign` is found by its name here, so its directory comes first. */
function cosignPath(env: Env): Reading {
  const path = env[COSIGN] || "cosign";
  if (path === "cosign") return {};
  if (/^\/(.*\/)?cosign$/.test(path)) {
    return { env: { PATH: `${dirname(path)}:${env.PATH ?? ""}` } };
  }
  const fix = "give an absolute path that ends in /cosign, or have it on PATH under that name";
  return { problem: `${COSIGN}: ${quote(path)} cannot be used: ${fix}` };
}

function unknownVariables(env: Env): string[] {
  const known: readonly string[] = OLD_NAMES;
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX)).sort();
  return names.filter((name) => !known.includes(name.slice(PREFIX.length))).map((name) => {
    const near = suggestion(name.slice(PREFIX.length), known);
    const hint = near === null ? "" : ` (did you mean ${PREFIX}${near}?)`;
    return `${name} is not read by anybody${hint}`;
  });
}

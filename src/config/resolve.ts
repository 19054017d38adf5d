import { readArgv } from "./argv.ts";
import { handoverProblems } from "./handover_rules.ts";
import { draftOf, type Subject, subjectProblems } from "./assets_rules.ts";
import { composeProblems, isForCompose } from "./compose_rules.ts";
import { containerProblems, reasonsToRecreate } from "./container_rules.ts";
import type { Config } from "./config.ts";
import { environmentWarnings, readEnvironment } from "./environment.ts";
import { readConfigFile } from "./file.ts";
import { type Draft, isAskedFor } from "./draft.ts";
import {
  blame,
  type Contribution,
  type Given,
  type Origin,
  type Problem,
  sortedMessages,
} from "./given.ts";
import type { Option } from "./option.ts";
import { type Flag, FLAGS, optionOf, type Values } from "./options.ts";
import { contradictions } from "./rules.ts";
import { toConfig } from "./to_config.ts";

/** Everything that options are read from. */
export interface ResolveInput {
  /** Arguments after the verb. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The working directory. @default {"/"} */
  readonly cwd?: string;
  /** @default {"program"} */
  readonly subject?: Subject;
  /** In place of those of the table. */
  readonly defaults?: Defaults;
  /** @throws When the file cannot be read. */
  readFile(path: string): string;
}

/** What counts where nobody says anything. */
export type Defaults = Readonly<Partial<Record<Flag, string>>>;

/** A valid set of options, and where each came from. */
export interface ResolvedOptions {
  readonly config: Config;
  readonly values: Values;
  /** What somebody wrote and what counts, flags in their order first, then environment and file. */
  readonly given: readonly Given[];
  readonly origins: Readonly<Record<Flag, Origin>>;
  /** Odd but not wrong. */
  readonly warnings: readonly string[];
}

/** What the input asks for. */
export type Resolution =
  | { readonly kind: "config"; readonly resolved: ResolvedOptions }
  | { readonly kind: "check"; readonly resolved: ResolvedOptions }
  | { readonly kind: "errors"; readonly errors: readonly string[] }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

const NO_REGISTRY: Problem = {
  flag: "registry",
  message: "--registry is required: give where releases are published",
};

/**
 * Turns arguments, environment and file into one configuration: flag > environment > file >
 * default. All that is wrong is reported at once.
 */
export function resolveOptions(input: ResolveInput): Resolution {
  const argv = readArgv(input.args);
  const isOn = (flag: Flag) => argv.given.some((given) => given.flag === flag && isTrue(given));
  if (isOn("help")) return { kind: "help" };
  if (isOn("version")) return { kind: "version" };

  const { subject = "program", env, cwd = "/", readFile } = input;
  const context = { env, cwd, readTextFile: readFile };
  const places = contributions(argv, input);
  const given = effective(places);
  const draft = readValues(given, input.defaults ?? {});
  const problems = [
    ...places.flatMap((place) => place.problems),
    ...missing(given, places, subject),
    ...draft.problems,
    ...subjectProblems(draft, subject),
    ...contradictions(draftOf(draft, subject), input.env),
    ...handoverProblems(draft, subject),
    ...(isForCompose(draft) ? [] : containerProblems(draft, context)),
    ...composeProblems(draft, context),
  ];
  if (problems.length > 0) return { kind: "errors", errors: sortedMessages(problems) };
  // Without problems every row of the table was read.
  const reasons = isAskedFor(draft, "strategy") || draft.values.image === null
    ? []
    : reasonsToRecreate(draft.values, context);
  const read = draft.values as Values;
  // A stack is not built for two copies: they have to be asked for.
  const isCautious = isForCompose(draft) && !isAskedFor(draft, "strategy");
  const strategy = reasons.length > 0 || isCautious ? "recreate" : read.strategy;
  const values = Object.freeze({ ...read, strategy });
  const warnings = [
    ...environmentWarnings(input.env),
    ...ignoredParts(given),
    ...reasons.map((why) => `--strategy is recreate: ${why}`),
  ];
  const resolved = {
    config: toConfig(values, { env, cwd, subject, readFile }),
    values,
    given,
    origins: draft.origins,
    warnings,
  };
  return { kind: values.check ? "check" : "config", resolved: Object.freeze(resolved) };
}

function contributions(argv: Contribution, input: ResolveInput): Contribution[] {
  const env = readEnvironment(input.env);
  const path = [...argv.given, ...env.given].find(({ flag }) => flag === "config")?.text;
  if (!path) return [argv, env];
  return [argv, env, readConfigFile(path, (path) => input.readFile(path))];
}

/** Of each option the value from the first place that has one. */
function effective(places: readonly Contribution[]): Given[] {
  const all = places.flatMap((place) => place.given);
  return all.filter((given, index) =>
    all.findIndex((other) => other.flag === given.flag) === index
  );
}

function readValues(given: readonly Given[], defaults: Defaults): Draft & { problems: Problem[] } {
  const values: Partial<Record<Flag, unknown>> = {};
  const origins = {} as Record<Flag, Origin>;
  const problems: Problem[] = [];
  for (const flag of FLAGS) {
    const found = given.find((value) => value.flag === flag);
    const origin = origins[flag] = found?.origin ?? { from: "default" };
    const outcome = readValue(optionOf(flag), found?.text ?? defaults[flag]);
    if ("value" in outcome) values[flag] = outcome.value;
    else problems.push({ flag, message: `${blame(flag, origin)}: ${outcome.complaint}` });
  }
  // The table types its rows; each value came from the parser of its own row.
  return { values: values as Partial<Values>, origins, problems };
}

function readValue(option: Option, text?: string): { value: unknown } | { complaint: string } {
  const written = text ?? option.default;
  if (written === null) return { value: option.required === true ? undefined : null };
  try {
    return { value: option.kind.parse(written) };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return { complaint: error.message };
  }
}

function missing(
  given: readonly Given[],
  places: readonly Contribution[],
  subject: Subject,
): Problem[] {
  const mentioned = new Set([
    ...given.map((value) => value.flag),
    ...places.flatMap((place) => place.meant),
  ]);
  const isRequired = (flag: Flag) => {
    const { required = false } = optionOf(flag);
    if (typeof required !== "object") return required;
    return !required.unless.some((other) => mentioned.has(other as Flag));
  };
  if (subject === "assets") return mentioned.has("registry") ? [] : [NO_REGISTRY];
  return FLAGS.filter((flag) => isRequired(flag) && !mentioned.has(flag))
    .map((flag) => ({
      flag,
      message: `--${flag} is required: give the command that ${optionOf(flag).help}`,
    }));
}

function ignoredParts(given: readonly Given[]): string[] {
  return given.filter(({ flag, text }) => flag === "healthcheck" && /^https?:\/\//i.test(text))
    .map(({ flag, origin }) =>
      `${blame(flag, origin)}: of a full URL only path and query count; for another port or ` +
      `Host see --health-port-offset and --health-host`
    );
}

function isTrue(given: Given): boolean {
  const outcome = readValue(optionOf(given.flag), given.text);
  return "value" in outcome && outcome.value === true;
}

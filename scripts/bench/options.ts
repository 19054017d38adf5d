import { parseArgs } from "@std/cli/parse-args";
import { ENTRIES, type Entry } from "./contestant.ts";
import { type Scenario, SCENARIOS } from "./scenario.ts";

/** The measurement of rolls, for `--scenarios`. */
const ROLLS = "rolls";

/** The measurement of releases from a registry, for `--scenarios`. */
const RELEASES = "releases";

/** The comparison of direct mode with an app alone, for `--scenarios`. */
const DIRECT_MODE = "direct";

/** What is measured, and how. */
export interface BenchOptions {
  entries: readonly Entry[];
  scenarios: readonly Scenario[];
  /** 0: none are measured. */
  rolls: number;
  /** 0: none are measured. */
  releases: number;
  /** Whether direct mode is measured. */
  directMode: boolean;
  seconds: number;
  rounds: number;
  warmUpAlways: boolean;
  write: boolean;
  /** Where the time goes, in place of comparisons. */
  profile: boolean;
  /** Measure although others use the machine. */
  busy: boolean;
  /** For liveroll. */
  flags: string[];
}

/** Reads the command line. @throws {TypeError} When something is wrong with it. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const flags = parseArgs([...own], {
    boolean: ["write", "quick", "profile", "busy"],
    string: ["seconds", "rounds", "rolls", "releases", "only", "scenarios"],
    unknown: (argument) => {
      throw new TypeError(`Cannot measure with ${argument}: there is no such option`);
    },
  });
  const part = flags.only !== undefined || flags.scenarios !== undefined || flags.quick;
  if (flags.write && part) throw new TypeError("Cannot write the figures of a part or a quick run");
  const scenarios = choose("scenarios", flags.scenarios, [...SCENARIOS, { id: ROLLS }, {
    id: RELEASES,
  }, { id: DIRECT_MODE }]);
  const withRolls = scenarios.some(({ id }) => id === ROLLS);
  const withReleases = scenarios.some(({ id }) => id === RELEASES);
  return {
    entries: choose("only", flags.only, ENTRIES),
    scenarios: SCENARIOS.filter(({ id }) => scenarios.some((one) => one.id === id)),
    rolls: withRolls ? number("rolls", flags.rolls, flags.quick ? 5 : 20) : 0,
    releases: withReleases ? number("releases", flags.releases, flags.quick ? 3 : 20) : 0,
    directMode: scenarios.some(({ id }) => id === DIRECT_MODE),
    seconds: number("seconds", flags.seconds, 1),
    rounds: number("rounds", flags.rounds, flags.quick ? 1 : 5),
    warmUpAlways: !flags.quick,
    write: flags.write === true,
    profile: flags.profile === true,
    busy: flags.busy === true,
    flags: args.slice(own.length + 1),
  };
}

function choose<T extends { id: string }>(flag: string, given: unknown, all: readonly T[]): T[] {
  if (given === undefined) return [...all];
  const ids = String(given).split(",");
  const unknown = ids.find((id) => !all.some((one) => one.id === id));
  if (unknown === undefined) return all.filter(({ id }) => ids.includes(id));
  const known = all.map(({ id }) => id).join(", ");
  throw new TypeError(`Cannot measure --${flag} ${unknown}: there are ${known}`);
}

function number(name: string, given: unknown, ifMissing: number): number {
  const value = given === undefined ? ifMissing : Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000) return value;
  throw new TypeError(`Cannot measure with --${name} ${given}: say a number from 1 to 1000`);
}

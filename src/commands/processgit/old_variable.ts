import type { Flag } from "../../config/options.ts";

/** What a variable of the updater of ProcessGit is prefixed with. */
export const PREFIX = "PROCESSGIT_UPDATER_";

/** What the value of a variable depends on besides itself. */
export interface Around {
  /** Whether the operator gives an option of ours that says the same; then it counts. */
  isGiven(flag: Flag): boolean;
  /** What is kept between two lives is there. */
  readonly stateDir: string;
  /** What another variable says, or its default. */
  valueOf(name: OldName): string;
}

/** What a variable means here. */
export interface Meaning {
  /** Flags of ours. */
  readonly args?: readonly string[];
  /** What is not quite the same here, for people. */
  readonly notes?: readonly string[];
  /** Variables by which others are told the same. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A variable of the updater of ProcessGit. */
export interface OldVariable {
  /** What counted when it was unset or empty. */
  readonly default: string;
  /**
   * What it means here.
   *
   * @param isSet Somebody says so; else it is the default.
   * @throws {Error} When there is nothing for it; the message has the value and the fix.
   */
  read(value: string, around: Around, isSet: boolean): Meaning;
}

/** All of them, without the prefix. */
export const OLD_NAMES = [
  "TOKEN",
  "LISTEN",
  "STATE_DIR",
  "REPO",
  "GITHUB_API",
  "GITHUB_TOKEN",
  "APP_CONTAINER",
  "STUB",
  "DEBUG",
  "COMPOSE_FILE",
  "ENV_FILE",
  "HEALTH_URL",
  "URL",
] as const;

/** One of {@linkcode OLD_NAMES}. */
export type OldName = (typeof OLD_NAMES)[number];

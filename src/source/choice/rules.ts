import { calVer } from "../version/calver.ts";
import { parseRange, type VersionRange } from "../version/range.ts";
import { parseSemVer } from "../version/semver.ts";
import type { VersionReader } from "../version/version.ts";
import { type ArtifactName, parseArtifactName } from "./artifact_name.ts";

/** Which releases are wanted, as texts. */
export interface RuleTexts {
  /** Format of calendar versions; null: versions are semantic. */
  readonly calver: string | null;
  /** Range of semantic versions; null: all. */
  readonly constraint: string | null;
  /** Name of the artifact, or a template of it; null: found by its platform. */
  readonly artifact: string | null;
}

/** Rules that were understood. */
export interface Rules {
  readonly readVersion: VersionReader;
  readonly isInRange: VersionRange;
  readonly artifact: ArtifactName | null;
}

/**
 * Reads the rules by which releases are chosen.
 *
 * @throws {SyntaxError} When one of them makes no sense; the message names it.
 */
export function readRules({ calver, constraint, artifact }: RuleTexts): Rules {
  if (calver !== null && constraint !== null) {
    throw new SyntaxError(
      `the constraint ${JSON.stringify(constraint)} is a range of semantic versions, ` +
        `it cannot be used with the calendar format ${JSON.stringify(calver)}`,
    );
  }
  return {
    readVersion: calver === null ? parseSemVer : calVer(calver),
    isInRange: constraint === null ? () => true : parseRange(constraint),
    artifact: artifact === null ? null : parseArtifactName(artifact),
  };
}

import { toVersion, type Version } from "./version.ts";

const SEMVER = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;

/**
 * Reads a tag as a semantic version: an optional `v`, three numbers, an optional `-pre`, an
 * optional `+build`. More is let in than the specification does, because such tags are in use:
 * leading zeros, and empty identifiers.
 *
 * @returns null when the tag is not a semantic version.
 */
export function parseSemVer(tag: string): Version | null {
  const match = SEMVER.exec(tag);
  if (match === null) return null;
  const [, major = "", minor = "", patch = "", pre, build] = match;
  return toVersion(tag, { numbers: [major, minor, patch], pre, build });
}

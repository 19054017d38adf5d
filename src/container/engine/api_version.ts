import type { Members } from "./members.ts";
import { EngineUnreachableError } from "./engine_error.ts";

/** Newest version of the API that is asked for; also the oldest that Docker Engine 29 speaks. */
export const OUR_VERSION = "1.44";

/** Oldest version that has all we need: that of Docker Engine 20.10, and of Podman. */
export const OLDEST_VERSION = "1.41";

/** What an engine says of itself. */
export interface EngineVersion {
  readonly product: "docker" | "podman";
  /** Of the engine. */
  readonly version: string;
  /** Newest version of the API that it speaks. */
  readonly apiVersion: string;
  /** Oldest one. */
  readonly minApiVersion: string;
  /** For example `linux` and `amd64`, as in names of images. */
  readonly os: string;
  readonly architecture: string;
}

/** Reads the answer to `/version`. */
export function readVersion(answer: Members): EngineVersion {
  const apiVersion = answer.text("ApiVersion");
  const parts = answer.list("Components").map((part) => part.text("Name"));
  return {
    product: parts.some((name) => /podman/i.test(name)) ? "podman" : "docker",
    version: answer.text("Version"),
    apiVersion,
    minApiVersion: answer.text("MinAPIVersion") || apiVersion,
    os: answer.text("Os"),
    architecture: answer.text("Arch"),
  };
}

/**
 * The version of the API to speak with an engine: ours, or its newest if that is older, or its
 * oldest if ours is no longer spoken: fields are added far more often than taken away.
 *
 * @throws {EngineUnreachableError} When it is too old.
 */
export function commonVersion(
  { apiVersion, minApiVersion, version }: Pick<
    EngineVersion,
    "apiVersion" | "minApiVersion" | "version"
  >,
): string {
  if (compare(apiVersion, OLDEST_VERSION) < 0) {
    const needs = `liveroll needs ${OLDEST_VERSION}, which Docker Engine 20.10 and Podman 4 have`;
    throw new EngineUnreachableError(
      `Cannot use container engine ${version}: it speaks version ${apiVersion} of the API, ${needs}`,
      "too_old",
    );
  }
  const ours = compare(apiVersion, OUR_VERSION) < 0 ? apiVersion : OUR_VERSION;
  return compare(ours, minApiVersion) < 0 ? minApiVersion : ours;
}

function compare(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => version.split(".").map(Number));
  return (one?.[0] ?? 0) - (other?.[0] ?? 0) || (one?.[1] ?? 0) - (other?.[1] ?? 0);
}

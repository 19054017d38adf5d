import { parseSemVer } from "../../source/version/semver.ts";
import type { Status } from "../operator.ts";
import { Problem, shown } from "../problem.ts";
import { imageVersion } from "./image_version.ts";

const CHANNELS = ["stable", "any"] as const;

/** The newest version, as the source named it last. */
export interface LatestRelease {
  version: string;
  prerelease: boolean;
  /** When the source said so. */
  at: string;
  /** It runs already. */
  current: boolean;
}

/** One of `channels`; `stable` if it is missing. @throws {Problem} */
export function channelOf(query: URLSearchParams): (typeof CHANNELS)[number] {
  const text = query.get("channel") ?? "stable";
  const channel = CHANNELS.find((channel) => channel === text);
  if (channel !== undefined) return channel;
  const detail = `channel is ${shown(text)}, not ${CHANNELS.join(" or ")}`;
  throw new Problem("bad_request", detail, { field: "channel" });
}

/**
 * The newest version of a channel. Asks nobody: a check may change files, and is made in its time.
 *
 * @throws {Problem} When the source has not named one, or one of another channel.
 */
export function latestRelease(
  status: Status,
  channel: (typeof CHANNELS)[number],
): LatestRelease {
  const { lastCheck, current } = status;
  if (lastCheck === null) throw new Problem("not_found", "The source has not been asked yet");
  if (lastCheck.outcome === "failed") {
    throw new Problem("bad_gateway", `The last check failed: ${lastCheck.detail}`);
  }
  const version = namedIn(status);
  if (version === null) {
    throw new Problem("not_found", "What the source named is not known any more");
  }
  const prerelease = (parseSemVer(imageVersion(version).tag)?.pre.length ?? 0) > 0;
  if (prerelease && channel === "stable") {
    const detail = `The newest version is ${version}, a pre-release: channel=any has it`;
    throw new Problem("not_found", detail);
  }
  return { version, prerelease, at: lastCheck.at, current: current?.id === version };
}

function namedIn({ lastCheck, waiting }: Status): string | null {
  return lastCheck?.outcome === "waiting" ? waiting?.id ?? null : lastCheck?.detail ?? null;
}

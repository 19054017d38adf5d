import { writeDurably } from "../platform/durable.ts";

/** What has become of a release. */
export const RELEASE_OUTCOMES = ["partial", "new", "good", "failed"] as const;

/** One of {@linkcode RELEASE_OUTCOMES}. */
export type ReleaseOutcome = typeof RELEASE_OUTCOMES[number];

/** What is known of a release, beside its directory. */
export interface ReleaseRecord {
  readonly tag: string;
  /** The name of the file that it came from. */
  readonly asset: string;
  /** The SHA-256 of that file, in hexadecimal digits. */
  readonly digest: string;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
  /** `partial` while it is made, then `new` until somebody says how it went. */
  readonly outcome: ReleaseOutcome;
}

/** Null when there is none, or none that can be understood. */
export async function readReleaseRecord(path: string): Promise<ReleaseRecord | null> {
  let value: unknown;
  try {
    value = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return isRecord(value) ? value : null;
}

/** Replaces it, or makes it. */
export async function writeReleaseRecord(path: string, record: ReleaseRecord): Promise<void> {
  await writeDurably(path, `${JSON.stringify(record, null, 2)}\n`);
}

function isRecord(value: unknown): value is ReleaseRecord {
  if (typeof value !== "object" || value === null) return false;
  const { tag, asset, digest, extractedAt, outcome } = value as Record<string, unknown>;
  const texts = [tag, asset, digest, extractedAt];
  return texts.every((text) => typeof text === "string") &&
    RELEASE_OUTCOMES.some((known) => known === outcome);
}

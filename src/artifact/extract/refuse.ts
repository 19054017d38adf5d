import { ArtifactRefusedError } from "../refused.ts";

const LONGEST_SHOWN = 200;

/** The error for a whole archive. */
export function badArchive(detail: string, cause?: unknown): ArtifactRefusedError {
  return new ArtifactRefusedError("archive", `Cannot extract the archive: ${detail}`, { cause });
}

/** The error for one entry, which it names. */
export function badEntry(name: string, detail: string): ArtifactRefusedError {
  return badArchive(`entry ${shown(name)} ${detail}`);
}

/** A name as it may be shown: control characters escaped, not longer than a line or two. */
export function shown(name: string): string {
  const text = JSON.stringify(name);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…"`;
}

/** What a file system says when it takes nothing, and what helps. */
const FIXES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free space there (df -h; df -i if there is space left)",
  EDQUOT: "the quota is used up: free space there, or raise the quota (quota -u)",
  EROFS: "the file system is read-only: see dmesg for why, then mount it read-write again",
};

/** A file system takes nothing, now; no version is to blame. */
export class DiskError extends Error {
  override readonly name = "DiskError";
}

/**
 * What to throw in place of `error`: where a file system takes nothing, it often does not say what
 * it did not take.
 *
 * @param doing For people, as in "Cannot unpack app.tar.gz into /var/lib/app/releases".
 */
export function explainDisk(doing: string, error: unknown): unknown {
  const fix = error instanceof DiskError ? undefined : FIXES[codeOf(error) ?? ""];
  return fix === undefined ? error : new DiskError(`Cannot ${doing}: ${fix}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

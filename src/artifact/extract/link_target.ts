import { badEntry, shown } from "./refuse.ts";

const MAX_TARGET_BYTES = 1024;

/**
 * Checks that a symbolic link stays inside the release, wherever other links in it lead.
 *
 * A target may go up first (`../../x`) and only down from there. The way up is through real
 * directories, since nothing is extracted through links; the way down may pass other links, each of
 * which stays inside as well. A `..` further on could follow such a link out, though its text looks
 * harmless, so it is refused.
 *
 * @param path The link's own clean path.
 * @throws {ArtifactRefusedError} If it does not.
 */
export function checkLinkTarget(path: string, target: string): void {
  const refuse = (why: string) => badEntry(path, `is a link to ${shown(target)}, ${why}`);
  if (target === "" || target.includes("\0")) throw refuse("which is no path");
  if (target.startsWith("/")) throw refuse("an absolute path");
  if (new TextEncoder().encode(target).length > MAX_TARGET_BYTES) throw refuse("which is too long");
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  const ups = steps.findIndex((step) => step !== "..");
  const depth = path.split("/").length - 1;
  if ((ups === -1 ? steps.length : ups) > depth) throw refuse("outside of the release");
  if (ups !== -1 && steps.includes("..", ups)) throw refuse("with .. in the middle");
}

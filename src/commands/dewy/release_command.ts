import { resolve } from "node:path/posix";
import { shellWord, shellWords } from "./shell_words.ts";

/**
 * A command of Dewy as one of ours. A version runs in its own directory here; words that lead through
 * the link `current` are meant to be run beside that link, and get the very version in its place:
 * the link still leads to the old one while the new one is tried.
 *
 * @param cwd Where Dewy runs.
 * @param root Where `current` is.
 */
export function releaseCommand(words: readonly string[], cwd: string, root: string): string {
  const link = `${root}/current`;
  const inRelease = (word: string) => {
    if (!word.includes("/")) return null;
    const path = resolve(cwd, word);
    return `${path}/`.startsWith(`${link}/`) ? path.slice(link.length + 1) : null;
  };
  if (words.every((word) => inRelease(word) === null)) return shellWords(words);
  const told = words.map((word) => {
    const path = inRelease(word);
    if (path === null) return shellWord(word);
    return `"$LIVEROLL_RELEASE_DIR"${path === "" ? "" : `/${shellWord(path)}`}`;
  });
  return `cd "$LIVEROLL_RELEASE_DIR/../.." && exec ${told.join(" ")}`;
}

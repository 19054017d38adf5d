import { shellWord, shellWords } from "./shell_words.ts";

/**
 * A command of Dewy as one of ours. A version runs in its own directory here; words that lead through
 * the link `current` are meant to be run beside that link, and get the very version in its place:
 * the link still leads to the old one while the new one is tried.
 *
 * @param root Where `current` is.
 */
export function releaseCommand(words: readonly string[], root: string): string {
  const prefixes = ["current/", "./current/", `${root}/current/`];
  const inRelease = (word: string) => {
    const prefix = prefixes.find((prefix) => word.startsWith(prefix));
    return prefix === undefined ? null : word.slice(prefix.length);
  };
  if (words.every((word) => inRelease(word) === null)) return shellWords(words);
  const told = words.map((word) => {
    const path = inRelease(word);
    return path === null ? shellWord(word) : `"$LIVEROLL_RELEASE_DIR"/${shellWord(path)}`;
  });
  return `cd "$LIVEROLL_RELEASE_DIR/../.." && exec ${told.join(" ")}`;
}

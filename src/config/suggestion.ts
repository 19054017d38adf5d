import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** The member of `known` that a person who typed `word` most likely meant; null if none is near. */
export function suggestion(word: string, known: readonly string[]): string | null {
  if (known.length === 0 || word.length > 100) return null;
  const closest = closestString(word, known);
  const distance = levenshteinDistance(word.toLowerCase(), closest.toLowerCase());
  return distance <= Math.ceil(closest.length / 3) ? closest : null;
}

/** ` (did you mean "interval"?)`, or nothing if nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const closest = suggestion(word, known);
  return closest === null ? "" : ` (did you mean "${closest}"?)`;
}

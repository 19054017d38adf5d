import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** The member of `known` that a person who typed `word` most likely meant; null if none is near. */
export function suggestion(word: string, known: readonly string[]): string | null {
  if (known.length === 0 || word.length > 100) return null;
  const typed = word.toLowerCase();
  const ranked = known.map((name) => {
    const distance = levenshteinDistance(typed, name.toLowerCase());
    // Of words that are equally near, letters in the wrong order are the likelier slip.
    return { name, distance, same: lettersInCommon(typed, name.toLowerCase()) };
  }).sort((a, b) => a.distance - b.distance || b.same - a.same);
  const [closest] = ranked;
  return closest && closest.distance <= Math.ceil(closest.name.length / 3) ? closest.name : null;
}

/** ` (did you mean "interval"?)`, or nothing if nothing is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const closest = suggestion(word, known);
  return closest === null ? "" : ` (did you mean "${closest}"?)`;
}

function lettersInCommon(a: string, b: string): number {
  const rest = [...b];
  return [...a].filter((letter) => {
    const at = rest.indexOf(letter);
    if (at !== -1) rest.splice(at, 1);
    return at !== -1;
  }).length;
}

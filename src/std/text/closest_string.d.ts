/** The member of a non-empty list that is most similar to `word`. */
export function closestString(word: string, possibleWords: readonly string[]): string;

/** The number of edits that turn one word into the other. */
export function levenshteinDistance(a: string, b: string): number;

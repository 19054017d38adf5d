/** Words of these characters mean themselves to a shell; a template of ours does, too. */
const PLAIN = /^(?:[A-Za-z0-9_/.:=@,+%-]|<<[A-Z]+>>)+$/;

/** Writes `words` as one shell command in which each arrives as it is. */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** Writes `word` so that a shell takes it as one word, as it is. */
export function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Reads a flag of a script that says how many of something, or which one.
 *
 * @param given What the parser of arguments found.
 * @throws {TypeError} When it is not a whole number from 1 on.
 */
export function count(flag: string, given: unknown, otherwise: number): number {
  if (given === undefined) return otherwise;
  const text = String(given);
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new TypeError(`Cannot read --${flag}: ${JSON.stringify(text)} is not a number from 1 on`);
}

/**
 * The smallest of 1, 2, 5, 10, 20, 50 … that is not below `value`.
 *
 * @param {number} value
 */
export function niceCeiling(value) {
  if (value <= 1) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((factor) => factor * magnitude >= value) ?? 10;
  return factor * magnitude;
}

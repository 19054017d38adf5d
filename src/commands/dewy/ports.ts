/** Dewy takes no wider range. */
const WIDEST = 100;

const LAST = 65_535;

/**
 * Reads `--port` as Dewy does: numbers and ranges, `8000,8002-8004`, given any number of times.
 *
 * @returns Each port once, in order; or, if one is spelled as only ours are (`9000:+10`), all as they
 * were given.
 * @throws {RangeError} When a range makes no sense; the message names it.
 */
export function dewyPorts(texts: readonly string[]): readonly string[] {
  const items = texts.flatMap((text) => text.split(",")).map((item) => item.trim());
  if (items.some((item) => !/^\d+(-\d+)?$/.test(item))) return items;
  const ports = items.flatMap((item) => item.includes("-") ? expand(item) : [Number(item)]);
  return [...new Set(ports)].sort((a, b) => a - b).map(String);
}

function expand(range: string): number[] {
  const [first = 0, last = 0] = range.split("-").map(Number);
  if (last > LAST || first > last || last - first > WIDEST) {
    const wanted = `from low to high, up to ${LAST}, at most ${WIDEST + 1} ports`;
    throw new RangeError(`${JSON.stringify(range)} is no range of ports: give it ${wanted}`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

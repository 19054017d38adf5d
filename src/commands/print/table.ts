import { columnsOf, pad, printable, shorten } from "./cell.ts";

const NARROWEST = 4;

/**
 * The lines of a table, at most `columns` wide; each row has as many cells as `heads`.
 *
 * @param options `shrink`: the columns that may become narrower.
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, shrink }: { columns: number; shrink: readonly number[] },
): string[] {
  const all = [heads, ...rows.map((row) => row.map(printable))];
  const widths = heads.map((_, index) =>
    Math.max(...all.map((row) => columnsOf(row[index] ?? "")))
  );
  fit(widths, columns, shrink);
  return all.map((row) =>
    row.map((cell, index) => {
      const width = widths[index] ?? 0;
      const text = shorten(cell, width);
      return index === row.length - 1 ? text : pad(text, width);
    }).join("  ").trimEnd()
  );
}

/** Takes from the widest of the columns that may shrink until all fits. */
function fit(widths: number[], columns: number, shrink: readonly number[]): void {
  const gaps = 2 * (widths.length - 1);
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, gaps) - columns;
    const widest = shrink.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (excess <= 0 || widest === undefined || (widths[widest] ?? 0) <= NARROWEST) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

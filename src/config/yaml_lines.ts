import { parse } from "@std/yaml/parse";

/**
 * Finds the line, counted from 1, on which each top-level key of a valid YAML map stands; keys in
 * unusual forms (`{a: 1}`, `? a`) are left out.
 */
export function keyLines(text: string, keys: readonly string[]): Map<string, number> {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const found = new Map<string, number>();
  for (const key of keys) {
    const candidates = [...lines.keys()].filter((index) => keyOf(lines[index] ?? "") === key);
    const index = candidates.length > 1
      ? candidates.find((candidate) => startsEntry(lines, candidate, key))
      : candidates[0];
    if (index !== undefined) found.set(key, index + 1);
  }
  return found;
}

function keyOf(line: string): string | null {
  const [, double, single, plain] =
    /^\s*(?:"([^"]*)"|'([^']*)'|([^\s"'#][^:#]*?))\s*:(?:\s|$)/.exec(line) ?? [];
  return double ?? single ?? plain ?? null;
}

/** A line may look like a key and belong to a text or to a nested map: ask the parser. */
function startsEntry(lines: readonly string[], index: number, key: string): boolean {
  return !topLevelKeys(lines.slice(0, index)).includes(key) &&
    topLevelKeys(lines.slice(0, index + 1)).includes(key);
}

function topLevelKeys(lines: readonly string[]): string[] {
  try {
    return Object.keys(parse(lines.join("\n"), { schema: "failsafe" }) ?? {});
  } catch {
    return [];
  }
}

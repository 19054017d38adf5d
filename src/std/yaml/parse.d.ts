/**
 * Parses one YAML document.
 *
 * @throws {SyntaxError} With line, column and a caret.
 */
export function parse(
  content: string,
  options?: { schema?: "core" | "failsafe" | "json" },
): unknown;

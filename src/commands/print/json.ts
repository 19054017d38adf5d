import type { Io } from "../command.ts";

/** Prints `value` for machines, with nothing in it that a terminal would obey. */
export function printJson(io: Io, value: unknown): void {
  io.out(safeJson(JSON.stringify(value, null, 2)));
}

/** Prints `value` on one line. */
export function printJsonLine(io: Io, value: unknown): void {
  io.out(safeJson(JSON.stringify(value)));
}

/** DEL, C1 controls and marks of direction are legal in JSON, and commands to a terminal. */
function safeJson(json: string): string {
  return json.replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

// deno-lint-ignore no-control-regex -- this is what begins a terminal command
const TERMINAL_COMMANDS = /\x1b\[[0-?]*[ -/]*[@-~]/g;

/** Adds a colour to a text; the identity for none. */
export type Paint = (text: string) => string;

/** A piece of a line: text, or text and its colour. */
export type Span = string | readonly [text: string, paint: Paint];

/** One line of the screen, before it is cut and painted. */
export type Line = readonly Span[];

/** The text of a line, painted and not wider than `width` columns. */
export function render(line: Line, width: number): string {
  let room = width;
  let text = "";
  for (const span of line) {
    const [plain, paint] = typeof span === "string" ? [span, asIs] : span;
    const kept = fit(printable(plain), room);
    if (kept !== "") text += paint(kept);
    room -= columns(kept);
    if (room <= 0) break;
  }
  return text.trimEnd();
}

/** Columns that a line needs. */
function lineWidth(line: Line): number {
  return line.reduce((sum, span) => sum + columns(typeof span === "string" ? span : span[0]), 0);
}

/** Puts `right` at the right edge, if there is room. */
export function justify(left: Line, right: Line, width: number): Line {
  const gap = width - lineWidth(left) - lineWidth(right);
  return gap < 1 ? left : [...left, " ".repeat(gap), ...right];
}

/** No colour. */
export function asIs(text: string): string {
  return text;
}

/** Every character used here is one column wide. */
function columns(text: string): number {
  return [...text].length;
}

function fit(text: string, room: number): string {
  const characters = [...text];
  if (characters.length <= room) return text;
  return room < 1 ? "" : `${characters.slice(0, room - 1).join("")}…`;
}

/** What others have printed must not command the terminal. */
function printable(text: string): string {
  return text.replace(TERMINAL_COMMANDS, "").replace(/\p{Cc}+/gu, " ");
}

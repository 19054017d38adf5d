import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type { Io } from "../command.ts";
import type { OutputStream } from "../output_stream.ts";

/** Colours a piece of text, or leaves it as it is. */
export type Paint = Readonly<Record<keyof typeof COLORS, (text: string) => string>>;

const COLORS = { bold, cyan, dim, green, red, yellow };

const plain = (text: string) => text;
const NO_COLORS: Paint = {
  bold: plain,
  cyan: plain,
  dim: plain,
  green: plain,
  red: plain,
  yellow: plain,
};

/** Colours for terminals, unless `NO_COLOR` is set. */
export function paintFor(io: Io, stream: OutputStream): Paint {
  return stream.isTerminal && !io.env["NO_COLOR"] ? COLORS : NO_COLORS;
}

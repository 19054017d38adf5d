/** A message that is worth trying again, as it is kept in `seeds/`. */
export interface Seed {
  /** Why it is kept. */
  note: string;
  kind: "request" | "response";
  /** What the relay must make of it: `accepted`, `unfinished`, or the status of the refusal. */
  expect: string | null;
  /** Method of the request that a response belongs to. */
  method: string;
  /** Latin1 text, one character for each byte. */
  message: string;
}

const ESCAPED = /\\(r|n|t|\\|x([0-9a-f]{2}))/g;
const CONTROL: Record<string, string> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };

/**
 * Reads a seed: `# note` and `key: value` lines, an empty line, and the message, in which all
 * control bytes are escaped, so that the line breaks of the file mean nothing.
 *
 * @throws {TypeError} When there is no message, or something unknown is said about it.
 */
export function parseSeed(file: string): Seed {
  const [head = "", ...rest] = file.split("\n\n");
  if (rest.length === 0) throw new TypeError("Cannot read a seed: it has no empty line");
  const seed: Seed = { note: "", kind: "request", expect: null, method: "GET", message: "" };
  for (const line of head.split("\n")) readLine(seed, line);
  const escaped = rest.join("\n\n").replaceAll("\n", "");
  seed.message = unescape(escaped);
  return seed;
}

function readLine(seed: Seed, line: string): void {
  const [, key = "#", value = line.replace(/^# ?/, "")] = /^(\w+): (.*)$/.exec(line) ?? [];
  if (key === "#") seed.note += seed.note === "" ? value : ` ${value}`;
  else if (key === "expect" || key === "method") seed[key] = value;
  else if (key === "kind" && (value === "request" || value === "response")) seed.kind = value;
  else throw new TypeError(`Cannot read a seed: unknown line ${JSON.stringify(line)}`);
}

/** The opposite of {@linkcode parseSeed}. */
export function formatSeed({ note, kind, expect, method, message }: Seed): string {
  const lines = [`# ${note}`, `kind: ${kind}`];
  if (kind === "response") lines.push(`method: ${method}`);
  if (expect !== null) lines.push(`expect: ${expect}`);
  return `${lines.join("\n")}\n\n${escape(message)}\n`;
}

/** Bytes as text for people, with a line break behind each LF. */
export function escape(message: string): string {
  const escaped = message.replace(/[^\x20-\x7e]|\\| $/g, escapeOne);
  return escaped.replaceAll("\\n", "\\n\n").replace(/\n$/, "");
}

function escapeOne(character: string): string {
  for (const [letter, meant] of Object.entries(CONTROL)) {
    if (character === meant) return `\\${letter}`;
  }
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function unescape(escaped: string): string {
  return escaped.replace(
    ESCAPED,
    (_, what: string, hex?: string) =>
      hex === undefined ? CONTROL[what] ?? "" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

import { stripAnsiCode } from "@std/fmt/colors";

/** Severities, as the options name them. */
export type Severity = "debug" | "info" | "warn" | "error";

/** One thing to tell. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  timestamp: number;
  level: Severity;
  /** Which part of liveroll speaks. */
  logger: string;
  message: string;
  properties: Readonly<Record<string, unknown>>;
}

/** Turns an entry into complete lines, each with its end of line. */
export type Format = (entry: LogEntry) => string;

/** Loggers whose messages are lines that a command printed. */
const OUTPUT_LOGGERS: ReadonlySet<string> = new Set(["child", "stop", "pull", "id"]);

const SYSLOG_PRIORITY = { debug: 7, info: 6, warn: 4, error: 3 } as const;
const LEVEL_COLOR = { debug: 90, info: 32, warn: 33, error: 31 } as const;
const DIM = 2;
const CONTINUED = "    ";

/** For people. No line can be forged: whatever is not printable is escaped. */
export function textFormat({ colors = false }: { colors?: boolean } = {}): Format {
  const paint = (code: number, text: string) => colors ? `\x1b[${code}m${text}\x1b[0m` : text;
  return (entry) => {
    const time = paint(DIM, new Date(entry.timestamp).toISOString());
    const level = paint(LEVEL_COLOR[entry.level], entry.level.toUpperCase().padEnd(5));
    return lines(entry).map((line) => `${time} ${level} ${line}\n`).join("");
  };
}

/** For the journal, which knows the time: a priority in front of every line. */
export function journaldFormat(entry: LogEntry): string {
  const priority = `<${SYSLOG_PRIORITY[entry.level]}>`;
  return lines(entry).map((line) => `${priority}${line}\n`).join("");
}

/** For machines: one object a line, properties beside `time`, `level`, `logger` and `message`. */
export function jsonFormat({ timestamp, level, logger, message, properties }: LogEntry): string {
  const fixed = { time: new Date(timestamp).toISOString(), level, logger, message };
  const others = Object.entries(properties).map(([name, value]) =>
    [name in fixed ? `${name}_` : name, plain(value)] as const
  );
  // DEL and C1 controls are legal in JSON, and commands to a terminal.
  return JSON.stringify({ ...fixed, ...Object.fromEntries(others) })
    .replace(/[\x7f-\x9f]/g, unicodeEscape) + "\n";
}

function lines(entry: LogEntry): string[] {
  if (OUTPUT_LOGGERS.has(entry.logger)) return [`${speaker(entry)} | ${printable(entry.message)}`];
  const [first = "", ...more] = entry.message.split("\n").map(printable);
  // An event says all of it in its message; its facts are for machines.
  const facts = "event" in entry.properties ? "" : pairs(entry.properties);
  const head = `${entry.logger}: ${first}${facts}`;
  return [head, ...more.map((line) => CONTINUED + line)];
}

function speaker({ logger, properties: { id, port } }: LogEntry): string {
  return port === undefined ? logger : printable(`${id}@${port}`);
}

function pairs(properties: Readonly<Record<string, unknown>>): string {
  return Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${printable(name)}=${word(plain(value))}`)
    .join("");
}

function word(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  const isBare = typeof value !== "string" || /^[^\s"=\p{C}]+$/u.test(text);
  return printable(isBare ? text : JSON.stringify(text));
}

/** `value` as JSON can hold it. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return value.message;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  try {
    return JSON.parse(JSON.stringify(value, (_, inner) => inner === value ? inner : plain(inner)));
  } catch {
    return String(value);
  }
}

/** `text` without colours, and with every other control character escaped, except tabs. */
export function printable(text: string): string {
  return stripAnsiCode(text)
    // deno-lint-ignore no-control-regex -- they are what this is about
    .replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escape);
}

function escape(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  return unicodeEscape(character);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

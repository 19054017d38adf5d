import type { RollEvent } from "../roll/events.ts";

/** Fields of events that only people read. In all others are ids, numbers and words of ours. */
const FREE_TEXT = ["detail", "lastLines", "holder", "notes"];

/** Stands where a secret was. */
export const HIDDEN = "[redacted]";

/** Shorter values are words or versions as often as secrets, and any text is full of them. */
const LEAST_LENGTH = 8;

/** Lines of a key that are shorter say little. */
const LEAST_LINE_LENGTH = 16;

const SECRET_NAME =
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|_KEY$|_PASS$|_PWD$|_AUTH$/i;

/** These say where a secret is, or what it is for. */
const HARMLESS_NAME = /_(FILE|PATH|DIR|DIRECTORY|URL|URI|NAME|USERNAME|HELPER|ID|SOCK)$/i;

const URL_WITH_PASSWORD = /:\/\/[^\s/:@]*:([^\s/@]+)@/g;

/** What is a secret by its shape, whatever its value; the group `secret` is what is hidden. */
const SHAPES: readonly RegExp[] = [
  /:\/\/[^\s/?#:@"'`<>]*:(?<secret>[^\s/?#"'`<>]+)@/dg,
  // A token in place of a name: git, and most registries.
  /:\/\/(?<secret>[^\s/?#:@"'`<>]{20,})(?=:[^\s/?#"'`<>]*@|@)/dg,
  /\bBearer\s+(?<secret>(?=[\w.~+/=-]*\d|[\w.~+/=-]{20})[\w.~+/=-]{8,})/dgi,
  /\bAuthorization:\s*Basic\s+(?<secret>[\w.~+/=-]{4,})/dgi,
  /[?&](?:access_token|private_token|token|api_?key|password|secret|client_secret|sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature)=(?<secret>[^\s&"'`<>]+)/dgi,
  /\b(?<secret>(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-)[\w-]{10,})/dg,
  /\b(?<secret>(?:AKIA|ASIA)[A-Z0-9]{16})\b/dg,
  /(?<![\w-])(?<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})/dg,
];

/** Whether one of the shapes may be there; most lines of an output have none, and there are many. */
const ANY_SHAPE = new RegExp(
  SHAPES.map(({ source }) => source.replace("?<secret>", "?:")).join("|"),
  "i",
);

/** Takes secrets out of a text. */
export type Redactor = (text: string) => string;

/**
 * Hides secrets: the values of variables that are named like one, passwords in URLs that variables
 * hold, `more` values, and what has the shape of one. Values of less than eight characters are only
 * known by their shape.
 */
export function createRedactor(
  env: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Redactor {
  const secrets = [...new Set([...secretsOfEnv(env), ...more.flatMap(forms)])];
  return (text) => {
    if (!ANY_SHAPE.test(text) && !secrets.some((secret) => text.includes(secret))) return text;
    let result = text;
    // What is left of a text may look like a secret only now; every round leaves less.
    for (let before = ""; before !== result;) {
      before = result;
      const ranges = [...valueRanges(result, secrets), ...shapeRanges(result)];
      // What is hidden already is one piece: parts of it can neither be found nor left over.
      if (ranges.length > 0) result = hide(result, [...ranges, ...valueRanges(result, [HIDDEN])]);
    }
    return result;
  };
}

/** The same event with secrets taken out of what it says; who is who stays as it is. */
export function redactEvent(event: RollEvent, redact: Redactor): RollEvent {
  // What has failed is told by a word of ours, why something was called off by a sentence.
  if (event.type === "roll.interrupted") return { ...event, reason: redact(event.reason) };
  return redactTexts(event, redact);
}

/** The same value with secrets taken out of its fields that only people read. */
export function redactTexts<T extends object>(value: T, redact: Redactor): T {
  const entries = Object.entries(value).map(([name, item]) => {
    if (FREE_TEXT.includes(name)) return [name, redactText(item, redact)];
    return [name, redactInside(item, redact)];
  });
  return Object.fromEntries(entries) as T;
}

function redactInside(value: unknown, redact: Redactor): unknown {
  if (Array.isArray(value)) return value.map((item) => redactInside(item, redact));
  return isRecord(value) ? redactTexts(value, redact) : value;
}

function redactText(value: unknown, redact: Redactor): unknown {
  if (typeof value === "string") return redact(value);
  return Array.isArray(value) ? value.map((item) => redactText(item, redact)) : value;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The values of variables that are named like secrets, and passwords in URLs. */
export function secretsOfEnv(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const isSecret = SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
    const passwords = value.matchAll(URL_WITH_PASSWORD).map(([, password = ""]) => password);
    return [...(isSecret ? [value] : []), ...passwords].flatMap(forms);
  });
}

/** How a secret may be written: as it is, decoded, encoded for a URL, line by line. */
function forms(secret: string): string[] {
  const value = secret.trim();
  const lines = value.split("\n").map((line) => line.trim());
  const isLong = (line: string) => line.length >= LEAST_LINE_LENGTH && !line.startsWith("-----");
  const found = lines.length > 1 ? lines.filter(isLong) : [value, decoded(value), encoded(value)];
  return found.filter((form) => form.length >= LEAST_LENGTH && !form.includes(HIDDEN));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** A part of a text, without its end. */
type Range = readonly [start: number, end: number];

function valueRanges(text: string, secrets: readonly string[]): Range[] {
  return secrets.flatMap((secret) => {
    const ranges: Range[] = [];
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
      ranges.push([at, at + secret.length]);
    }
    return ranges;
  });
}

function shapeRanges(text: string): Range[] {
  return SHAPES.flatMap((shape) =>
    [...text.matchAll(shape)].map(({ indices }) => indices?.groups?.secret)
      .filter((range) => range !== undefined)
  );
}

/** Overlapping parts are hidden as one. */
function hide(text: string, ranges: readonly Range[]): string {
  let result = "";
  let done = 0;
  for (const [start, end] of merged(ranges)) {
    result += text.slice(done, start) + HIDDEN;
    done = end;
  }
  return result + text.slice(done);
}

function merged(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

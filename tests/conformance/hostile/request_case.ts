/** What a hostile client sends, and what may come of it. All bytes are texts, one per character. */

/** One message as a reader of RFC 9112 sees it, its framing undone. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

/**
 * How the connection goes on after {@linkcode RequestCase.messages}:
 *
 * - `open`: a marker that follows on the same connection is answered.
 * - `closes`: the connection ends in order; what follows is never seen.
 * - `refused`: an error answer, then the connection ends; what follows is never seen.
 * - `either`: `open` or, without any message, `refused`; the standard allows both.
 * - `incomplete`: the client leaves in the middle of a message, which is never seen as a whole one.
 */
export type End = "open" | "closes" | "refused" | "either" | "incomplete";

/** Bytes from a client and what an application behind us may see of them. */
export interface RequestCase {
  readonly name: string;
  readonly bytes: string;
  /** What reaches the application, in this order; nothing else ever does. */
  readonly messages: readonly Message[];
  readonly end: End;
  /** Statuses of the refusal. */
  readonly statuses: readonly number[];
  /** Names that do not reach the application: lower-case, those of trailers after `trailer `. */
  readonly without: readonly string[];
}

/** What a case may say beyond name and bytes. */
export interface CaseOptions {
  /** Messages that come before a refusal. */
  after?: readonly Message[];
  statuses?: readonly number[];
  without?: readonly string[];
}

/** A request that must never be seen as one: cases hide it in bodies, heads and trailers. */
export const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: a.example\r\n\r\n";

const BAD_REQUEST = [400];

/** Nothing of it reaches the application, but what came {@linkcode CaseOptions.after | before}. */
export function refused(name: string, bytes: string, options: CaseOptions = {}): RequestCase {
  const { after = [], statuses = BAD_REQUEST, without = [] } = options;
  return { name, bytes, messages: after, end: "refused", statuses, without };
}

/** Exactly these messages reach the application. */
export function accepted(
  name: string,
  bytes: string,
  messages: readonly Message[],
  options: CaseOptions = {},
): RequestCase {
  return { ...refused(name, bytes, options), messages, end: "open" };
}

/** Like {@linkcode accepted}, but the connection ends after them. */
export function closing(name: string, bytes: string, messages: readonly Message[]): RequestCase {
  return { ...refused(name, bytes), messages, end: "closes" };
}

/** The standard leaves it open whether this is refused; no third thing may happen. */
export function either(
  name: string,
  bytes: string,
  messages: readonly Message[],
  options: CaseOptions = {},
): RequestCase {
  return { ...refused(name, bytes, options), messages, end: "either" };
}

/** The last message is never finished. */
export function incomplete(
  name: string,
  bytes: string,
  messages: readonly Message[] = [],
): RequestCase {
  return { ...refused(name, bytes), messages, end: "incomplete" };
}

/** A message with the target that nearly all cases use. */
export function message(method: string, body = "", target = "/c"): Message {
  return { method, target, body };
}

/** A request of HTTP/1.1 with a valid `Host`; `headers` are whole lines. */
export function request(line: string, headers: readonly string[] = [], body = ""): string {
  return [`${line} HTTP/1.1`, "Host: a.example", ...headers, "", body].join("\r\n");
}

/** A `POST` whose body is in chunks as given. */
export function chunked(chunks: string, ...headers: string[]): string {
  return request("POST /c", ["Transfer-Encoding: chunked", ...headers], chunks);
}

/** Control bytes and others readable, for names of cases. */
export function show(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 40)}… (${text.length} bytes)` : text;
  return JSON.stringify(short).slice(1, -1).replace(
    /[\x7f-\xff]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16)}`,
  );
}

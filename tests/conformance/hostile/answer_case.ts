/** What a broken or hostile application answers, and what may come of it. */
import { head } from "../raw.ts";

/**
 * What the client gets:
 *
 * - `bad`: 502, and nothing of the answer.
 * - `answer`: exactly this answer.
 * - `broken`: the connection ends in the middle of the answer, or 502 if nothing had been sent.
 * - `either`: `bad` or `answer`.
 */
export type AnswerEnd = "bad" | "answer" | "broken" | "either";

/** Bytes from an application in answer to one request. */
export interface AnswerCase {
  readonly name: string;
  /** The request's head, with the target `/case`. */
  readonly request: string;
  readonly bytes: string;
  /** The application ends the connection after the bytes. */
  readonly closes: boolean;
  readonly end: AnswerEnd;
  readonly status: number;
  readonly body: string;
  /** Names, lower-case, that the client does not get. */
  readonly without: readonly string[];
}

/** What a case may say beyond name and bytes. */
export interface AnswerOptions {
  request?: string;
  closes?: boolean;
  status?: number;
  body?: string;
  without?: readonly string[];
}

/** An answer that nobody may ever get for a request of their own. */
export const STRAY = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden";

/** A `HEAD` request. */
export const ASK_HEAD = head("HEAD /case");

/** An answer of which nothing gets through. */
export function bad(name: string, bytes: string, options: AnswerOptions = {}): AnswerCase {
  const { request = head("GET /case"), closes = false } = options;
  const { status = 200, body = "", without = [] } = options;
  return { name, request, bytes, closes, end: "bad", status, body, without };
}

/** An answer that gets through, with this body. */
export function good(
  name: string,
  bytes: string,
  body: string,
  options: AnswerOptions = {},
): AnswerCase {
  return { ...bad(name, bytes, options), end: "answer", body };
}

/** An answer that may be refused, but not changed into a third thing. */
export function goodOrBad(
  name: string,
  bytes: string,
  body: string,
  options: AnswerOptions = {},
): AnswerCase {
  return { ...bad(name, bytes, options), end: "either", body };
}

/** An answer that never becomes complete for the client. */
export function broken(name: string, bytes: string, options: AnswerOptions = {}): AnswerCase {
  return { ...bad(name, bytes, options), end: "broken" };
}

/** A head with status 200; `lines` are whole header lines. */
export function answer(lines: readonly string[], body = ""): string {
  return ["HTTP/1.1 200 OK", ...lines, "", body].join("\r\n");
}

import { TryLater, Undeliverable } from "./channel.ts";

/** More of an answer is of no interest. */
const MAX_ANSWER_BYTES = 64 * 1024;
const LONGEST_PAUSE_MS = 30_000;
const DEFAULT_PAUSE_MS = 5_000;

/** Too early, too slow, too many: not the letter is wrong. */
const PASSING = [408, 425, 429];

/** What is sent, and until when. */
export interface PostOptions {
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
}

/**
 * Sends a POST; redirects are not followed.
 *
 * @returns The beginning of the answer.
 * @throws {TryLater | Undeliverable | Error} When the answer is not 2xx, or there is none; the
 * message does not contain the URL, which may be a secret.
 */
export async function post(url: string, { headers, body, signal }: PostOptions): Promise<string> {
  const response = await open(url, { method: "POST", redirect: "manual", headers, body, signal });
  const { status, ok } = response;
  const text = await readStart(response.body);
  if (ok) return text;
  if (PASSING.includes(status)) {
    throw new TryLater(`it answered ${status}`, pauseOf(response.headers.get("retry-after")));
  }
  if (status >= 500) throw new Error(`it answered ${status}`);
  const hint = status >= 300 && status < 400 ? ", redirects are not followed" : "";
  throw new Undeliverable(`it answered ${status}${hint}`);
}

async function open(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw init.signal.reason;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const text = cause instanceof Error ? cause.message : String(cause);
    // `error sending request for url (https://…): why`
    const hidden = text.replaceAll(new URL(url).href, "").replaceAll(url, "");
    throw new Error(hidden.replace(/^.* url \(\)(: )?/, "") || "no answer");
  }
}

async function readStart(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    text += decoder.decode(chunk, { stream: true });
    // Leaving the loop cancels the rest.
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return text + decoder.decode();
}

/** Milliseconds of a `Retry-After`, within bounds. */
function pauseOf(text: string | null): number {
  if (text === null) return DEFAULT_PAUSE_MS;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  if (Number.isNaN(ms)) return DEFAULT_PAUSE_MS;
  return Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}

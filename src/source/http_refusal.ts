import { RegistryError, type RegistryErrorKind } from "./registry.ts";

/** So much of what a server says about a refusal is read. */
const MAX_WORDS_BYTES = 16 * 1024;
const WORDS_MS = 5000;

/** A server that wants rest but does not say how long. */
const SOME_REST_MS = 60_000;

/** No server silences us for longer: its clock may be wrong, and limits are per hour at most. */
const LONGEST_REST_MS = 3600_000;

/**
 * What an answer other than the one hoped for means; nothing is left of the answer.
 *
 * @param what What was asked, for the message.
 * @param explain Reads the body; null: it says nothing.
 */
export async function refusal(
  what: string,
  response: Response,
  explain: (body: string) => string | null = () => null,
): Promise<RegistryError> {
  const { status, headers } = response;
  const body = await beginning(response);
  const words = explain(body);
  const isLimited = limits(status, headers, body);
  const kind = isLimited ? "rate_limited" : kindOf(status);
  const restMs = rest(headers) ?? (isLimited ? SOME_REST_MS : null);
  const why = `it answered ${status}${words === null ? "" : ` (${words})`}`;
  return new RegistryError(kind, `Cannot ${what}: ${why}`, {
    retryAfterMs: restMs === null ? null : Math.min(restMs, LONGEST_REST_MS),
  });
}

/** GitHub's limits are a 403 that names them in its headers or, for some, only in its words. */
function limits(status: number, headers: Headers, body: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0" ||
    /\brate limit\b/i.test(body);
}

function kindOf(status: number): RegistryErrorKind {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404 || status === 410) return "not_found";
  return status >= 500 || status === 408 ? "unreachable" : "invalid";
}

/** `Retry-After` (RFC 9110, 10.2.3), else GitHub's and others' `X-RateLimit-Reset`. */
function rest(headers: Headers): number | null {
  const after = headers.get("retry-after");
  if (after !== null && /^\d+$/.test(after)) return Number(after) * 1000;
  // By the server's own clock: ours may differ.
  const now = toTime(headers.get("date")) ?? Date.now();
  if (after !== null) return until(toTime(after), now);
  if (headers.get("x-ratelimit-remaining") !== "0") return null;
  const reset = Number(headers.get("x-ratelimit-reset") ?? NaN);
  return until(Number.isFinite(reset) ? reset * 1000 : null, now);
}

function until(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, at - now);
}

function toTime(text: string | null): number | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}

/** The first part of the body; what does not come at once is not waited for. */
async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const timer = setTimeout(() => reader.cancel().catch(() => {}), WORDS_MS);
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < MAX_WORDS_BYTES) {
      const { value } = await reader.read();
      if (value === undefined) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // What has come will do: the status says enough.
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => {});
  }
  return text;
}

import type { Failure } from "../retry.ts";

/**
 * What Deno's HTTP client says, by meaning. Only the text tells failures apart; it is pinned by
 * tests/platform/fetch_errors_test.ts, so that a Deno which changes it is noticed.
 */
const TEXTS: readonly [Failure, RegExp][] = [
  ["connect_failed", /client error \(Connect\)|tcp connect error/],
  ["client_gone", /Cannot read request body/],
  [
    "closed_before_head",
    /connection closed before message completed|connection reset|broken pipe|os error (32|104)|operation was canceled/i,
  ],
];

/**
 * Tells what a rejected `fetch` means. A text we do not know counts as a bad head: such a request is
 * never repeated.
 */
export function classifyFetchError(error: unknown): Failure {
  // The client was closed because the backend left; nothing was sent.
  if (error instanceof Deno.errors.BadResource) return "connect_failed";
  return classifyText(messages(error));
}

/** Tells what the `error` event of an outgoing WebSocket means. */
export function classifyText(text: string): Failure {
  return TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? "bad_head";
}

function messages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messages(error.cause)}`;
}

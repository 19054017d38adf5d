import type { Call } from "../route.ts";

/** Answers everything that can be counted, for Prometheus. */
export function metrics({ operator }: Call): Response {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return new Response(operator.metrics(), { headers });
}

import type { OwnAnswer } from "./error_response.ts";

const OK = new TextEncoder().encode("ok\n");

/**
 * Whether a request from outside asks whether the application is well. While requests are held or
 * refused because somebody wants it so, such a question is answered by us: a balancer in front must
 * not take this host away.
 */
export function isHealthRequest(
  method: string,
  pathAndQuery: string,
  healthPath: string | null,
): boolean {
  return healthPath !== null && pathAndQuery === healthPath &&
    (method === "GET" || method === "HEAD");
}

/** Says that all is well. */
export function healthyAnswer(): OwnAnswer {
  return {
    status: 200,
    reason: "OK",
    headers: [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Content-Length", String(OK.length)],
      ["Cache-Control", "no-store"],
    ],
    body: OK,
  };
}

import { escape } from "@std/html/entities";
import { accepts } from "@std/http/negotiation";
import { STATUS_TEXT } from "@std/http/status";

/** Seconds a client should wait before it asks again. */
const RETRY_AFTER_S = 1;

/** Details of an answer that liveroll makes itself. */
export interface ErrorOptions {
  /** One sentence for people; must not name ports, commands or paths of the host. */
  detail: string;
  /** Ask the client to close its connection. */
  close?: boolean;
}

/** The parts of a request that shape an error's form. */
export interface ErrorRequest {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
}

/** An answer of our own, before it is put on a wire. */
export interface OwnAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A short answer of our own, in the form that the client prefers; HEAD gets no body by the caller. */
export function errorAnswer(
  request: Pick<ErrorRequest, "headers">,
  status: number,
  { detail, close = false }: ErrorOptions,
): OwnAnswer {
  const title = STATUS_TEXT[status] ?? "Error";
  const type = accepts(request, "text/plain", "application/json", "text/html") ?? "text/plain";
  const body = new TextEncoder().encode(render(type, { status, title, detail }));
  const headers: [string, string][] = [
    ["Content-Type", type === "application/json" ? type : `${type}; charset=utf-8`],
    ["Content-Length", String(body.length)],
    ["Cache-Control", "no-store"],
  ];
  if (status === 503) headers.push(["Retry-After", String(RETRY_AFTER_S)]);
  if (status === 405) headers.push(["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]);
  if (close) headers.push(["Connection", "close"]);
  return { status, reason: title, headers, body };
}

/** {@linkcode errorAnswer} as a `Response`. */
export function errorResponse(
  request: ErrorRequest,
  status: number,
  options: ErrorOptions,
): Response {
  return asResponse(errorAnswer(request, status, options), request.method);
}

/** An answer of our own as a `Response`. */
export function asResponse({ status, headers, body }: OwnAnswer, method: string): Response {
  return new Response(method === "HEAD" ? null : body, {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}

interface Problem {
  status: number;
  title: string;
  detail: string;
}

/** The detail may come from a person: what it says must not become markup. */
function render(type: string, problem: Problem): string {
  const { status, title, detail } = problem;
  switch (type) {
    case "application/json":
      return JSON.stringify(problem) + "\n";
    case "text/html":
      return `<!doctype html><title>${status} ${title}</title><h1>${status} ${title}</h1>` +
        `<p>${escape(detail)}</p>\n`;
    default:
      return `${status} ${title}\n${detail}\n`;
  }
}

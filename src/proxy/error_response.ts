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

/** A short answer of our own, in the form that the client prefers. */
export function errorResponse(
  request: ErrorRequest,
  status: number,
  { detail, close = false }: ErrorOptions,
): Response {
  const title = STATUS_TEXT[status] ?? "Error";
  const type = accepts(request, "text/plain", "application/json", "text/html") ?? "text/plain";
  const body = new TextEncoder().encode(render(type, { status, title, detail }));
  const headers = new Headers({
    "content-type": type === "application/json" ? type : `${type}; charset=utf-8`,
    "content-length": String(body.length),
    "cache-control": "no-store",
  });
  if (status === 503) headers.set("retry-after", String(RETRY_AFTER_S));
  if (status === 405) headers.set("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (close) headers.set("connection", "close");
  return new Response(request.method === "HEAD" ? null : body, { status, headers });
}

interface Problem {
  status: number;
  title: string;
  detail: string;
}

/** The texts are our own, so nothing in them needs escaping. */
function render(type: string, problem: Problem): string {
  const { status, title, detail } = problem;
  switch (type) {
    case "application/json":
      return JSON.stringify(problem) + "\n";
    case "text/html":
      return `<!doctype html><title>${status} ${title}</title><h1>${status} ${title}</h1>` +
        `<p>${detail}</p>\n`;
    default:
      return `${status} ${title}\n${detail}\n`;
  }
}

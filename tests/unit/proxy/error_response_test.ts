import { assertEquals, assertStringIncludes } from "@std/assert";
import { errorResponse } from "../../../src/proxy/error_response.ts";

function respond(status: number, accept?: string, method = "GET", close = false): Response {
  const headers = new Headers(accept === undefined ? {} : { accept });
  return errorResponse({ method, headers }, status, { detail: "Nobody is there.", close });
}

Deno.test("errors come as text, JSON or HTML, as the client prefers", async () => {
  const types = ["*/*", "application/json", "text/html,application/xhtml+xml;q=0.9", "image/png"]
    .map((accept) => respond(503, accept).headers.get("content-type"));
  assertEquals(types, [
    "text/plain; charset=utf-8",
    "application/json",
    "text/html; charset=utf-8",
    "text/plain; charset=utf-8",
  ]);
  assertEquals(await respond(503).text(), "503 Service Unavailable\nNobody is there.\n");
  assertEquals(await respond(503, "application/json").json(), {
    status: 503,
    title: "Service Unavailable",
    detail: "Nobody is there.",
  });
  assertStringIncludes(await respond(502, "text/html").text(), "<h1>502 Bad Gateway</h1>");
});

Deno.test("errors are not cached and carry their length", async () => {
  const response = respond(502);
  const body = await response.bytes();
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("content-length"), String(body.length));
});

Deno.test("B32 only 503 tells when to come back", () => {
  assertEquals(respond(503).headers.get("retry-after"), "1");
  assertEquals(respond(502).headers.get("retry-after"), null);
});

Deno.test("the answer to HEAD has the length of the body but no body", async () => {
  const get = respond(503);
  const head = respond(503, undefined, "HEAD");
  assertEquals(head.headers.get("content-length"), get.headers.get("content-length"));
  assertEquals(await head.text(), "");
});

Deno.test("errors can ask the client to close", () => {
  assertEquals(respond(503, "*/*", "GET", true).headers.get("connection"), "close");
  assertEquals(respond(503).headers.get("connection"), null);
});

import { assertEquals } from "@std/assert";
import type { RequestContext } from "../../../../../src/proxy/relay/head/heads.ts";
import { OURS, readRequest, request } from "./heads.ts";

const SPOOFED = [
  "X-Forwarded-For: 1.2.3.4",
  "x-forwarded-host: evil.example",
  "X-FORWARDED-PROTO: https",
  "X-Forwarded-Port: 444",
  "X-Forwarded-Server: evil",
  "X-Real-IP: 1.2.3.4",
  "Forwarded: for=1.2.3.4",
];

/** All lines after `Host` that the backend gets. */
function sent(lines: string[], context: Partial<RequestContext> = {}): string[] {
  return request("GET / HTTP/1.1", lines, context).sent.slice(2, -2);
}

/** The lines for a request to `host`. */
function sentFor(host: string, context: Partial<RequestContext> = {}): string[] {
  const text = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  return readRequest(text, context).sent.split("\r\n").slice(2, -2);
}

Deno.test("item 21 item 22 K36 B38 what an untrusted peer says about itself is replaced", () => {
  assertEquals(sent(["A: 1", ...SPOOFED, "B: 2"]), ["A: 1", "B: 2", ...OURS]);
});

Deno.test("item 21 K36 underscores in the place of hyphens do not get through", () => {
  const spoofed = SPOOFED.map((line) => line.replaceAll("-", "_").replace("X_F", "X-F"));
  assertEquals(sent(spoofed.slice(0, -1)), OURS);
  assertEquals(sent(["X_Forwarded-For: 1"], { trusted: true }), OURS);
  assertEquals(sent(["Content_Length: 1", "Transfer_Encoding: chunked"], { trusted: true }), OURS);
});

Deno.test("item 21 item 22 K37 a trusted peer is appended and its other values are kept", () => {
  const kept = SPOOFED.slice(1);
  assertEquals(sent(SPOOFED, { trusted: true }), [...kept, "X-Forwarded-For: 1.2.3.4, 10.0.0.9"]);
});

Deno.test("item 21 K37 what a trusted peer left out is filled in", () => {
  assertEquals(sent([], { trusted: true }), OURS);
  assertEquals(sent(["X-Forwarded-For:"], { trusted: true }), OURS);
});

Deno.test("item 21 repeated X-Forwarded-For of a trusted peer becomes one line", () => {
  const lines = ["X-Forwarded-For: 1.1.1.1,  2.2.2.2 ", "A: 1", "x-forwarded-for: 3.3.3.3"];
  assertEquals(sent(lines, { trusted: true }).slice(0, 2), [
    "A: 1",
    "X-Forwarded-For: 1.1.1.1,  2.2.2.2, 3.3.3.3, 10.0.0.9",
  ]);
});

Deno.test("item 16 item 21 Connection cannot take a trusted peer's word away", () => {
  const lines = ["Connection: X-Forwarded-For, x-forwarded-proto", "X-Forwarded-Proto: https"];
  const found = sent([...lines, "X-Forwarded-For: 1.2.3.4"], { trusted: true });
  assertEquals(found.includes("X-Forwarded-For: 1.2.3.4, 10.0.0.9"), true);
  assertEquals(found.includes("X-Forwarded-Proto: https"), true);
});

Deno.test("item 21 X-Forwarded-Port is the port the client named, else the scheme's", () => {
  const port = (host: string, proto: "http" | "https" = "http") =>
    sentFor(host, { proto }).find((line) => line.startsWith("X-Forwarded-Port"));
  assertEquals(port("a:8080"), "X-Forwarded-Port: 8080");
  assertEquals(port("[::1]:81"), "X-Forwarded-Port: 81");
  assertEquals(port("[::1]"), "X-Forwarded-Port: 80");
  assertEquals(port("a:"), "X-Forwarded-Port: 80");
  assertEquals(port("1.2.3.4"), "X-Forwarded-Port: 80");
  assertEquals(port("80", "https"), "X-Forwarded-Port: 443");
});

Deno.test("item 22 Forwarded is sent on request, IPv6 quoted and without its zone", () => {
  const forwarded = (host: string, context: Partial<RequestContext>) =>
    sentFor(host, { forwarded: true, ...context }).at(-1);
  assertEquals(forwarded("a", {}), "Forwarded: for=10.0.0.9;host=a;proto=http");
  assertEquals(
    forwarded("a:80", { ip: "fe80::1%eth0", proto: "https" }),
    'Forwarded: for="[fe80::1]";host="a:80";proto=https',
  );
  assertEquals(forwarded("", {}), "Forwarded: for=10.0.0.9;proto=http");
});

Deno.test("item 22 Forwarded of a trusted peer goes on in front of ours", () => {
  const lines = sent(["Forwarded: for=1.2.3.4"], { trusted: true, forwarded: true });
  assertEquals(lines, [
    "Forwarded: for=1.2.3.4",
    ...OURS,
    "Forwarded: for=10.0.0.9;host=a;proto=http",
  ]);
});

Deno.test("item 21 an IPv6 zone is not passed on", () => {
  assertEquals(sentFor("a", { ip: "fe80::1%eth0" }).at(-1), "X-Real-Ip: fe80::1");
});

Deno.test("item 23 Via is added after others when it has a name", () => {
  assertEquals(sent(["Via: 1.0 fred"], { via: "liveroll" }), [
    "Via: 1.0 fred",
    ...OURS,
    "Via: 1.1 liveroll",
  ]);
  assertEquals(request("GET / HTTP/1.0", [], { via: "me" }).sent.at(-3), "Via: 1.0 me");
});

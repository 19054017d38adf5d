import { assertEquals } from "@std/assert";
import {
  connectionNames,
  forwardedHeaders,
  isHopByHop,
  type Origin,
} from "../../../src/proxy/forwarded.ts";

const ORIGIN: Origin = { peer: "10.0.0.9", trusted: false, proto: "http", host: "app.example" };
const SPOOFED = new Headers({
  "x-forwarded-for": "1.2.3.4",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-forwarded-port": "444",
  "x-real-ip": "1.2.3.4",
  forwarded: "for=1.2.3.4",
});

function forwarded(headers: Headers, origin: Partial<Origin> = {}): Record<string, string> {
  const lines = forwardedHeaders((name) => headers.get(name), { ...ORIGIN, ...origin });
  return Object.fromEntries(lines);
}

Deno.test("K36 B38 what an untrusted peer says about itself is replaced", () => {
  assertEquals(forwarded(SPOOFED), {
    "x-forwarded-for": "10.0.0.9",
    "x-forwarded-host": "app.example",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "80",
    "x-real-ip": "10.0.0.9",
  });
});

Deno.test("K37 a trusted peer is appended and its other values are kept", () => {
  assertEquals(forwarded(SPOOFED, { trusted: true }), {
    "x-forwarded-for": "1.2.3.4, 10.0.0.9",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "444",
    "x-real-ip": "1.2.3.4",
    forwarded: "for=1.2.3.4",
  });
});

Deno.test("K37 what a trusted peer left out is filled in", () => {
  assertEquals(forwarded(new Headers(), { trusted: true }), forwarded(new Headers()));
});

Deno.test("X-Forwarded-Port is the port the client named, else the scheme's", () => {
  assertEquals(forwarded(SPOOFED, { host: "a:8080" })["x-forwarded-port"], "8080");
  assertEquals(forwarded(SPOOFED, { host: "[::1]:81" })["x-forwarded-port"], "81");
  assertEquals(forwarded(SPOOFED, { host: "[::1]" })["x-forwarded-port"], "80");
  assertEquals(forwarded(SPOOFED, { proto: "https" })["x-forwarded-port"], "443");
});

Deno.test("an IPv6 zone is not passed on", () => {
  assertEquals(forwarded(SPOOFED, { peer: "fe80::1%eth0" })["x-real-ip"], "fe80::1");
});

Deno.test("names in Connection are hop-by-hop, but framing and routing cannot be removed so", () => {
  const named = connectionNames("close, X-Secret , Host,Content-Length");
  const dropped = ["x-secret", "te", "upgrade", "keep-alive", "host", "content-length", "accept"]
    .filter((name) => isHopByHop(name, named));
  assertEquals(dropped, ["x-secret", "te", "upgrade", "keep-alive"]);
});

import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  type ProxyHeader,
  type ProxySource,
  readProxyHeader,
} from "../../../../src/proxy/net/proxy_protocol.ts";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
const V4 = "\x0a\0\0\x01\x0a\0\0\x02\x1f\x90\x01\xbb";
const V6 = "\x20\x01\x0d\xb8" + "\0".repeat(11) + "\x01" + "\xfe\x80" + "\0".repeat(13) +
  "\x02" + "\x1f\x90\x01\xbb";

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function read(text: string): ProxyHeader {
  const bytes = bytesOf(text);
  return readProxyHeader(bytes, 0, bytes.length);
}

function v2(versionAndCommand: number, family: number, payload: string): string {
  const { length } = payload;
  return SIGNATURE +
    String.fromCharCode(versionAndCommand, family, length >> 8, length & 255) + payload;
}

const SOURCES: Record<string, [string, ProxySource | null]> = {
  "v1 TCP4": [
    "PROXY TCP4 192.0.2.1 198.51.100.2 65535 0\r\n",
    { ip: "192.0.2.1", port: 65_535 },
  ],
  "v1 TCP6": [
    "PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::1 1 443\r\n",
    { ip: "2001:db8::1", port: 1 },
  ],
  "v1 IPv4 in IPv6 dress": ["PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", {
    ip: "192.0.2.1",
    port: 1,
  }],
  "v1 UNKNOWN": ["PROXY UNKNOWN\r\n", null],
  "v1 UNKNOWN with addresses": ["PROXY UNKNOWN ffff:f::f ::1 65535 65535\r\n", null],
  "v1 longest": ["PROXY UNKNOWN " + "x".repeat(91) + "\r\n", null],
  "v2 TCP over IPv4": [v2(0x21, 0x11, V4), { ip: "10.0.0.1", port: 8080 }],
  "v2 TCP over IPv6": [v2(0x21, 0x21, V6), { ip: "2001:db8::1", port: 8080 }],
  "v2 with extensions": [v2(0x21, 0x11, V4 + "\x04\0\x01x\x20\0\x05hello"), {
    ip: "10.0.0.1",
    port: 8080,
  }],
  "v2 longest": [v2(0x21, 0x11, V4 + "\0".repeat(4084)), { ip: "10.0.0.1", port: 8080 }],
  "v2 LOCAL": [v2(0x20, 0x00, ""), null],
  "v2 LOCAL with addresses": [v2(0x20, 0x11, V4), null],
  "v2 without addresses": [v2(0x21, 0x00, ""), null],
  "v2 UDP": [v2(0x21, 0x12, V4), null],
  "v2 unix socket": [v2(0x21, 0x31, "\0".repeat(216)), null],
};

for (const [name, [text, source]] of Object.entries(SOURCES)) {
  Deno.test(`PROXY header ${name} is read, and what follows is left`, () => {
    assertEquals(read(text), { kind: "header", end: text.length, source });
    assertEquals(read(text + "GET / HTTP/1.1\r\n"), read(text));
    const bytes = bytesOf("..." + text);
    assertEquals(readProxyHeader(bytes, 3, bytes.length), {
      kind: "header",
      end: bytes.length,
      source,
    });
  });

  Deno.test(`PROXY header ${name} is incomplete up to its last byte`, () => {
    const bytes = bytesOf(text);
    for (let end = 0; end < bytes.length; end++) {
      assertEquals(readProxyHeader(bytes, 0, end), { kind: "incomplete" }, `${end} bytes`);
    }
  });
}

const HOSTILE: Record<string, [string, RegExp]> = {
  "no header": ["G", /does not begin/],
  "other letters": ["proxy", /does not begin/],
  "almost a header": ["PROXZ", /does not begin/],
  "almost a signature": ["\r\n\r\n\r\n", /does not begin/],
  "tab": ["PROXY\tTCP4", /does not begin/],
  "endless line": ["PROXY UNKNOWN " + "x".repeat(93), /longer than 107/],
  "line of 108 bytes": ["PROXY UNKNOWN " + "x".repeat(92) + "\r\n", /longer than 107/],
  "bare line feed": ["PROXY UNKNOWN\n", /line feed without/],
  "bare carriage return": ["PROXY UNKNOWN\rx", /carriage return without/],
  "no protocol": ["PROXY \r\n", /neither TCP4/],
  "lower case": ["PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", /neither TCP4/],
  "other protocol": ["PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", /neither TCP4/],
  "missing port": ["PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", /two TCP4 addresses/],
  "one word more": ["PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", /two TCP4 addresses/],
  "two spaces": ["PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", /two TCP4 addresses/],
  "space at the end": ["PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", /two TCP4 addresses/],
  "wrong family": ["PROXY TCP4 ::1 ::1 1 2\r\n", /two TCP4 addresses/],
  "other wrong family": ["PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", /two TCP6 addresses/],
  "wrong target": ["PROXY TCP4 1.2.3.4 localhost 1 2\r\n", /two TCP4 addresses/],
  "address with leading zero": ["PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n", /two TCP4 addresses/],
  "address out of range": ["PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n", /two TCP4 addresses/],
  "address with zone": ["PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", /two TCP6 addresses/],
  "address with bytes beyond ASCII": ["PROXY TCP4 1.2.3.\xb2 1.2.3.4 1 2\r\n", /two TCP4/],
  "port out of range": ["PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", /two ports/],
  "port with sign": ["PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", /two ports/],
  "port with leading zero": ["PROXY TCP4 1.2.3.4 1.2.3.4 1 02\r\n", /two ports/],
  "empty port": ["PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n", /two ports/],
  "v2 version 1": [v2(0x11, 0x11, V4), /version/],
  "v2 version 3": [v2(0x31, 0x11, V4), /version/],
  "v2 unknown command": [v2(0x22, 0x11, V4), /command/],
  "v2 unknown family": [v2(0x21, 0x41, V4), /family/],
  "v2 unknown transport": [v2(0x21, 0x13, V4), /family/],
  "v2 short IPv4": [v2(0x21, 0x11, V4.slice(1)), /too short/],
  "v2 short IPv6": [v2(0x21, 0x21, V4), /too short/],
  "v2 short unix socket": [v2(0x21, 0x31, V4), /too short/],
  "v2 too long, before it is there": [SIGNATURE + "\x21\x11\x10\x01", /longer than 4096/],
};

for (const [name, [text, detail]] of Object.entries(HOSTILE)) {
  Deno.test(`PROXY header refused: ${name}`, () => {
    const header = read(text);
    assertEquals(header.kind, "bad");
    if (header.kind === "bad") assertMatch(header.detail, detail);
  });
}

Deno.test("any address and port pass through a version 1 header", () => {
  const ports = fc.integer({ min: 0, max: 65_535 });
  fc.assert(fc.property(fc.ipV4(), fc.ipV4(), ports, ports, (source, target, port, other) => {
    const text = `PROXY TCP4 ${source} ${target} ${port} ${other}\r\n`;
    assertEquals(read(text), { kind: "header", end: text.length, source: { ip: source, port } });
  }));
});

Deno.test("a version 2 header says the same as version 1, in canonical text", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65_535 }));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(groups, (address) => {
    const hex = address.map((part) => part.toString(16)).join(":");
    const raw = address.map((part) => String.fromCharCode(part >> 8, part & 255)).join("");
    const header = read(v2(0x21, 0x21, raw + raw + "\0\x01\0\x02"));
    const line = read(`PROXY TCP6 ${hex} ::1 1 2\r\n`);
    if (header.kind !== "header" || line.kind !== "header") throw new Error(hex);
    assertEquals(header.source, line.source);
    const ip = header.source?.ip ?? "";
    if (!ip.includes(".")) assertEquals(ip, canonical(hex));
  }));
});

Deno.test("any bytes, in any pieces, never throw and never change their meaning", () => {
  const start = fc.constantFrom("", "PROXY ", "PROXY TCP4 ", SIGNATURE, SIGNATURE + "\x21\x11");
  const rest = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(start, rest, (prefix, tail) => {
      const bytes = new Uint8Array([...bytesOf(prefix), ...tail]);
      const whole = readProxyHeader(bytes, 0, bytes.length);
      if (whole.kind === "header") assertEquals(whole.end <= bytes.length, true);
      for (let end = 0; end < bytes.length; end++) {
        const part = readProxyHeader(bytes, 0, end);
        if (part.kind !== "incomplete") assertEquals(part, whole);
      }
    }),
    { numRuns: 500 },
  );
});

/** As the URL standard writes it. */
function canonical(ip: string): string {
  return new URL(`http://[${ip}]/`).hostname.slice(1, -1);
}

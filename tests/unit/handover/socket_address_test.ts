import { assertEquals } from "@std/assert";
import {
  decodeAddress,
  formatAddress,
  ipBytes,
  isSameAddress,
} from "../../../src/handover/socket_address.ts";

function ipv6(...bytes: number[]): Uint8Array {
  return new Uint8Array([10, 0, 0x1f, 0x90, 0, 0, 0, 0, ...bytes, 0, 0, 0, 0]);
}

Deno.test("addresses of the kernel are read", () => {
  const ipv4 = new Uint8Array([2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals(decodeAddress(ipv4), { hostname: "127.0.0.1", port: 8080 });
  const zeros = Array<number>(15).fill(0);
  assertEquals(decodeAddress(ipv6(...zeros, 1)), { hostname: "::1", port: 8080 });
  assertEquals(decodeAddress(ipv6(...zeros, 0)), { hostname: "::", port: 8080 });
});

Deno.test("sockets of other kinds have no address here", () => {
  assertEquals(decodeAddress(new Uint8Array([1, 0])), null);
  assertEquals(decodeAddress(new Uint8Array([1, 0, 47, 114, 117, 110, 0, 0])), null);
  assertEquals(decodeAddress(new Uint8Array([10, 0, 31, 144, 0, 0, 0, 0])), null);
});

Deno.test("any port is the same as port 0, and any address as a name", () => {
  const at = (hostname: string, port: number) => ({ hostname, port });
  const cases: [string, number, string, number, boolean][] = [
    ["127.0.0.1", 80, "127.0.0.1", 80, true],
    ["127.0.0.1", 0, "127.0.0.1", 80, true],
    ["localhost", 80, "127.0.0.1", 80, true],
    ["0:0:0:0:0:0:0:1", 80, "::1", 80, true],
    ["127.0.0.1", 80, "127.0.0.1", 81, false],
    ["127.0.0.1", 80, "0.0.0.0", 80, false],
    ["::", 80, "0.0.0.0", 80, false],
  ];
  for (const [asked, askedPort, bound, boundPort, same] of cases) {
    assertEquals(isSameAddress(at(asked, askedPort), at(bound, boundPort)), same, asked);
  }
});

Deno.test("addresses are written as in URLs", () => {
  assertEquals(formatAddress({ hostname: "::1", port: 80 }), "[::1]:80");
  assertEquals(formatAddress({ hostname: "127.0.0.1", port: 80 }), "127.0.0.1:80");
});

Deno.test("an IP address has 4 or 16 bytes, a name none", () => {
  const bytes = (hostname: string) => [...ipBytes(hostname) ?? []];
  assertEquals(bytes("127.0.0.1"), [127, 0, 0, 1]);
  assertEquals(bytes("::"), Array(16).fill(0));
  assertEquals(bytes("::1"), [...Array(15).fill(0), 1]);
  assertEquals(bytes("2001:db8::"), [0x20, 0x01, 0x0d, 0xb8, ...Array(12).fill(0)]);
  assertEquals(bytes("fe80::1:2"), [0xfe, 0x80, ...Array(10).fill(0), 0, 1, 0, 2]);
  assertEquals(bytes("1:2:3:4:5:6:7:8"), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]);
  assertEquals(bytes("::ffff:1.2.3.4"), [...Array(10).fill(0), 255, 255, 1, 2, 3, 4]);
  for (const none of ["localhost", "1.2.3", "", "fe80::1%lo"]) assertEquals(ipBytes(none), null);
});

import { assertEquals } from "@std/assert";
import {
  decodeAddress,
  formatAddress,
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

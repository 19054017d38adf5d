import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { cidrContains, parseCidr, parseIp } from "../../../src/platform/cidr.ts";

Deno.test("parseIp() reads both families and nothing else", () => {
  const table: [text: string, bytes: number[] | null][] = [
    ["127.0.0.1", [127, 0, 0, 1]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["::", Array(16).fill(0)],
    ["::1", [...Array(15).fill(0), 1]],
    ["1::", [0, 1, ...Array(14).fill(0)]],
    ["2001:db8::ff", [0x20, 1, 0x0d, 0xb8, ...Array(11).fill(0), 0xff]],
    ["::ffff:10.0.0.1", [...Array(10).fill(0), 255, 255, 10, 0, 0, 1]],
    ["1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ["1:2:3:4:5:6:1.2.3.4", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4]],
  ];
  const refused = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    ":::",
    "1::2::3",
    ":1",
    "1:",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8",
    "12345::",
    "g::",
    "1.2.3.4::",
    "::1%eth0",
    "[::1]",
    "localhost",
  ];
  for (const [text, bytes] of table) assertEquals(parseIp(text), bytes, text);
  for (const text of refused) assertEquals(parseIp(text), null, text);
});

Deno.test("parseCidr() takes a bare address for itself alone", () => {
  assertEquals(parseCidr("10.1.2.3"), { bytes: [10, 1, 2, 3], prefix: 32 });
  assertEquals(parseCidr("::1").prefix, 128);
  assertEquals(parseCidr("::ffff:10.0.0.0/104"), { bytes: [10, 0, 0, 0], prefix: 8 });
});

Deno.test("parseCidr() names what it cannot read", () => {
  const table: [text: string, message: string][] = [
    ["foo", '"foo" is not an IP block'],
    ["10.0.0.0/8/8", '"10.0.0.0/8/8" is not an IP block'],
    ["10.0.0.0/33", 'the prefix of "10.0.0.0/33" is not 0 to 32'],
    ["10.0.0.0/", 'the prefix of "10.0.0.0/" is not 0 to 32'],
    ["10.0.0.0/08", 'the prefix of "10.0.0.0/08" is not 0 to 32'],
    ["fd00::/129", 'the prefix of "fd00::/129" is not 0 to 128'],
  ];
  for (const [text, message] of table) {
    assertEquals(assertThrows(() => parseCidr(text), SyntaxError).message, message);
  }
});

Deno.test("cidrContains() compares only the prefix", () => {
  const table: [block: string, ip: string, inside: boolean][] = [
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.9.9.9/8", "10.0.0.1", true],
    ["192.168.4.0/22", "192.168.7.255", true],
    ["192.168.4.0/22", "192.168.8.0", false],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["fd00::/8", "fdff::1", true],
    ["fd00::/8", "fe00::1", false],
    ["fe80::/10", "fe80::1%eth0", true],
    ["::/0", "2001:db8::1", true],
    ["10.0.0.0/8", "nonsense", false],
  ];
  for (const [block, ip, inside] of table) {
    assertEquals(cidrContains(parseCidr(block), ip), inside, `${ip} in ${block}`);
  }
});

Deno.test("cidrContains() takes an IPv4 client of a dual-stack listener for an IPv4 client", () => {
  assertEquals(cidrContains(parseCidr("10.0.0.0/8"), "::ffff:10.1.2.3"), true);
  assertEquals(cidrContains(parseCidr("::ffff:10.0.0.0/104"), "10.1.2.3"), true);
  assertEquals(cidrContains(parseCidr("::/0"), "::ffff:10.1.2.3"), false);
});

Deno.test("cidrContains() finds every address in its own block of any size", () => {
  fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (ip, bits) => {
    return cidrContains(parseCidr(`${ip}/${bits}`), ip);
  }));
  fc.assert(fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (ip, bits) => {
    const bytes = parseIp(ip);
    const mapped = bytes?.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
    return mapped || cidrContains(parseCidr(`${ip}/${bits}`), ip);
  }));
});

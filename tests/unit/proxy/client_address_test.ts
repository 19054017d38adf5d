import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { cidrContains, parseCidr } from "../../../src/platform/cidr.ts";
import { clientAddress } from "../../../src/proxy/client_address.ts";

const TRUSTED = ["10.0.0.0/8", "fd00::/8"].map(parseCidr);
const isTrusted = (ip: string) => TRUSTED.some((block) => cidrContains(block, ip));

function byList(peer: string, list: string | null): string {
  return clientAddress(peer, { xForwardedFor: list, forwarded: null }, isTrusted);
}

function byStandard(value: string): string {
  return clientAddress("10.0.0.1", { xForwardedFor: null, forwarded: value }, isTrusted);
}

Deno.test("K36 a peer that is not trusted is the client, whatever it says", () => {
  assertEquals(byList("192.0.2.1", "1.2.3.4"), "192.0.2.1");
  assertEquals(byList("192.0.2.1", null), "192.0.2.1");
  assertEquals(byList("fe80::1%eth0", "1.2.3.4"), "fe80::1");
});

Deno.test("K37 the first address from the right that is not trusted is the client", () => {
  const table: [list: string | null, client: string][] = [
    ["1.2.3.4", "1.2.3.4"],
    ["6.6.6.6, 1.2.3.4", "1.2.3.4"],
    ["6.6.6.6, 1.2.3.4, 10.0.0.7", "1.2.3.4"],
    ["6.6.6.6,1.2.3.4,10.0.0.7,fd00::7", "1.2.3.4"],
    ["2001:DB8::1, 10.0.0.7", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["1.2.3.4:5678", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::ffff:10.0.0.7", "10.0.0.7"],
    [null, "10.0.0.1"],
    ["", "10.0.0.1"],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ];
  for (const [list, client] of table) assertEquals(byList("10.0.0.1", list), client, `${list}`);
});

Deno.test("what is no address ends the walk at the last proxy that could be believed", () => {
  const garbage = ["unknown", "a.example", "1.2.3", "1.2.3.4.5", "' OR 1=1", "[::1", "::1]", "-"];
  for (const text of garbage) {
    assertEquals(byList("10.0.0.1", text), "10.0.0.1", text);
    assertEquals(byList("10.0.0.1", `1.2.3.4, ${text}, 10.0.0.7`), "10.0.0.7", text);
  }
});

Deno.test("Forwarded is read where there is no X-Forwarded-For", () => {
  const table: [value: string, client: string][] = [
    ["for=1.2.3.4", "1.2.3.4"],
    ["for=6.6.6.6, For=1.2.3.4;proto=https;by=10.0.0.7, for=10.0.0.7", "1.2.3.4"],
    ['for="[2001:db8::1]:8080"', "2001:db8::1"],
    ['proto=http; for="1.2.3.4:80"', "1.2.3.4"],
    ['for=1.2.3.4;host="a,b;for=9.9.9.9"', "1.2.3.4"],
    ['host="\\"for=9.9.9.9";for=1.2.3.4', "1.2.3.4"],
    ["for=1.2.3.4, for=unknown", "10.0.0.1"],
    ["for=1.2.3.4, for=_hidden", "10.0.0.1"],
    ["for=1.2.3.4, proto=https", "10.0.0.1"],
    ["xfor=1.2.3.4", "10.0.0.1"],
    ['for="1.2.3.4', "10.0.0.1"],
    ["", "10.0.0.1"],
  ];
  for (const [value, client] of table) assertEquals(byStandard(value), client, value);
});

Deno.test("X-Forwarded-For, which backends are told, wins over Forwarded", () => {
  const said = { xForwardedFor: "1.2.3.4", forwarded: "for=6.6.6.6" };
  assertEquals(clientAddress("10.0.0.1", said, isTrusted), "1.2.3.4");
});

Deno.test("the client's address is never text that a client made up", () => {
  const piece = fc.constantFrom("for=", ",", ";", '"', "\\", "1.2.3.4", "::1", "10.0.0.2", " ");
  const text = fc.array(fc.oneof(piece, fc.string())).map((pieces) => pieces.join(""));
  fc.assert(fc.property(text, text, fc.boolean(), (list, forwarded, isList) => {
    const said = { xForwardedFor: isList ? list : null, forwarded };
    const client = clientAddress("10.0.0.1", said, isTrusted);
    assertEquals(/^[0-9a-f.:]+$/.test(client), true, client);
  }));
});

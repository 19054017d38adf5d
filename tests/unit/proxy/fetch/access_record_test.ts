import { assertEquals } from "@std/assert";
import { AccessRecord } from "../../../../src/proxy/fetch/access_record.ts";
import { Exchange } from "../../../../src/proxy/fetch/exchange.ts";

function targetOf(url: string): string {
  const record = new AccessRecord(new Request(url), "192.0.2.1", () => false);
  return record.entry(new Exchange({ onFinish() {}, onClientGone() {} })).target;
}

Deno.test("the target is path and query, whatever the scheme", () => {
  assertEquals(targetOf("http://a.example:81/b?c=/d"), "/b?c=/d");
  assertEquals(targetOf("https://a.example/b?c=//d"), "/b?c=//d");
  assertEquals(targetOf("https://a.example"), "/");
});

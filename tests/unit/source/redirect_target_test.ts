import { assertEquals, assertThrows } from "@std/assert";
import { redirectTarget } from "../../../src/source/redirect_target.ts";
import { RegistryError } from "../../../src/source/registry.ts";

const GOOD: readonly [string, string, string][] = [
  ["https://a.example/x/y", "z?q=1", "https://a.example/x/z?q=1"],
  ["https://a.example/x", "https://b.example/", "https://b.example/"],
  ["http://a.example/x", "https://a.example/x", "https://a.example/x"],
  ["http://a.example/x", "//b.example/x", "http://b.example/x"],
];

for (const [url, location, expected] of GOOD) {
  Deno.test(`${url} points by ${location} to ${expected}`, () => {
    assertEquals(redirectTarget(url, location).href, expected);
  });
}

const BAD: readonly [string, string][] = [
  ["https://a.example/x", "http://a.example/x"],
  ["http://a.example/x", "file:///etc/passwd"],
  ["http://a.example/x", "data:text/plain,x"],
  ["http://a.example/x", "http://["],
];

for (const [url, location] of BAD) {
  Deno.test(`${url} is not followed to ${location}`, () => {
    assertThrows(() => redirectTarget(url, location), RegistryError, "it points nowhere to go");
  });
}

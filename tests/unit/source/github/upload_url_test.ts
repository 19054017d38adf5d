import { assertEquals, assertThrows } from "@std/assert";
import { uploadUrlFor } from "../../../../src/source/github/upload_url.ts";
import { RegistryError } from "../../../../src/source/registry.ts";

const GOOD: readonly [string, string][] = [
  ["https://api.github.com", "https://uploads.github.com/repos/o/r/releases/1/assets"],
  ["https://ghe.example/api/v3", "https://ghe.example/api/uploads/repos/o/r/releases/1/assets"],
  ["https://api.acme.ghe.com", "https://uploads.acme.ghe.com/repos/o/r/releases/1/assets"],
  ["http://127.0.0.1:1", "http://127.0.0.1:2/repos/o/r/releases/1/assets"],
];

for (const [api, upload] of GOOD) {
  Deno.test(`an API at ${api} has its uploads at ${upload}`, () => {
    assertEquals(uploadUrlFor(upload, api).href, upload);
  });
}

const BAD: readonly [string, string][] = [
  ["https://api.github.com", "https://uploads.github.com.evil.example/assets"],
  ["https://api.github.com", "http://uploads.github.com/assets"],
  ["https://ghe.example/api/v3", "https://uploads.github.com/assets"],
  ["https://ghe.example/api/v3", "assets"],
];

for (const [api, upload] of BAD) {
  Deno.test(`an API at ${api} gives no token to ${upload}`, () => {
    assertThrows(() => uploadUrlFor(upload, api), RegistryError, "Cannot report");
  });
}

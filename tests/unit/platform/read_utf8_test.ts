import { assertEquals, assertThrows } from "@std/assert";
import { readUtf8 } from "../../../src/platform/read_utf8.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";

Deno.test("readUtf8() changes nothing, and takes nothing for what it is not", () => {
  using home = new TempDirectory();
  const path = `${home.path}/file`;
  Deno.writeTextFileSync(path, "\uFEFFA=grün\r\n");
  assertEquals(readUtf8(path), "\uFEFFA=grün\r\n");
  Deno.writeFileSync(path, new Uint8Array([0x41, 0x3d, 0xfc]));
  assertThrows(() => readUtf8(path), Deno.errors.InvalidData, "it is not UTF-8, convert it");
  assertThrows(() => readUtf8(`${path}s`), Deno.errors.NotFound);
});

import { assertEquals, assertThrows } from "@std/assert";
import {
  requireToken,
  tokenPath,
  writeToken,
} from "../../../../src/commands/processgit/token_file.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

Deno.test("a token is kept for nobody else to read, whatever was there", async () => {
  using directory = new TempDirectory();
  const path = tokenPath(`${directory.path}/deep/state/`);
  assertEquals(path, `${directory.path}/deep/state/control-token`);
  await writeToken(path, "first");
  await Deno.chmod(path, 0o644);
  await writeToken(path, "second");
  assertEquals(await Deno.readTextFile(path), "second\n");
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertEquals((await Deno.stat(`${directory.path}/deep/state`)).mode! & 0o777, 0o700);
});

for (const token of ["two words", "tab\t", "ü", "x".repeat(4097), "line\n"]) {
  Deno.test(`${JSON.stringify(token.slice(0, 9))} is no token, and is not shown`, () => {
    const error = assertThrows(() => requireToken(token), Error, "openssl rand -hex 32");
    assertEquals(error.message.includes(token), false);
  });
}

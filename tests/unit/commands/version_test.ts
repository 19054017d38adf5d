import { assertEquals } from "@std/assert";
import project from "../../../deno.json" with { type: "json" };
import { version } from "../../../src/commands/version.ts";
import { fakeIo } from "./fake_io.ts";

Deno.test("version prints the project's version and the runtime", () => {
  const io = fakeIo();
  assertEquals(version([], io), 0);
  assertEquals(io.printed, [
    `liveroll ${project.version} (Deno ${Deno.version.deno}, ${Deno.build.target})`,
  ]);
});

Deno.test("version takes no argument", () => {
  const io = fakeIo();
  assertEquals(version(["--verbose"], io), 2);
  assertEquals(io.complained, ['liveroll: unexpected argument "--verbose" after "version"']);
});

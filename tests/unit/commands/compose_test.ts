import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { fakeIo } from "./fake_io.ts";

const MISSING = "/nowhere/compose.yaml";

for (
  const words of [["-f", MISSING], [`-f=${MISSING}`], ["--file", MISSING], [`--file=${MISSING}`]]
) {
  Deno.test(`liveroll compose ${words.join(" ")} names a compose file`, async () => {
    const io = fakeIo();
    assertEquals(await main(["compose", ...words, "--service", "web", "--check"], io), 2);
    assertMatch(io.complained.join("\n"), /Cannot read the compose file \/nowhere\/compose.yaml/);
  });
}

Deno.test("liveroll compose without a file says what is missing", async () => {
  const io = fakeIo();
  assertEquals(await main(["compose", "--service", "web"], io), 2);
  assertMatch(io.complained.join("\n"), /--compose-file is required: .* -f compose.yaml/);
});

Deno.test("liveroll help compose has the way it is called", async () => {
  const io = fakeIo();
  assertEquals(await main(["help", "compose"], io), 0);
  assertMatch(io.printed.join("\n"), /^Usage: liveroll compose -f FILE --service NAME/);
});

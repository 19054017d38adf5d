import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../../src/commands/mod.ts";
import { fakeIo } from "../fake_io.ts";

Deno.test("server asks for a registry", async () => {
  const io = fakeIo();
  assertEquals(await main(["server", "-p", "80", "--", "./app"], io), 2);
  assertMatch(io.complained.join("\n"), /--registry is required/);
});

Deno.test("server takes the options of Dewy and tells what is done in another way", async () => {
  const io = fakeIo();
  const dewy = ["-i", "60", "--telemetry", "--slot", "blue", "--", "./app", "-v"];
  const args = ["server", "--check", "--registry", "ghr://o/r", ...dewy];
  assertEquals(await main(args, io), 0);
  assertMatch(io.complained.join("\n"), /note: --telemetry: metrics are at/);
  const printed = io.printed.join("\n");
  for (const told of [/--interval +flag +60s/, /--slot +flag +blue/, /--exec +flag +\.\/app -v/]) {
    assertMatch(printed, told);
  }
});

Deno.test("server refuses what makes no sense", async () => {
  const io = fakeIo();
  assertEquals(await main(["server", "--registry=ghr://o/r", "-i", "0", "--", "./app"], io), 2);
  assertMatch(io.complained.join("\n"), /-i: 0 seconds would be no pause/);
});

Deno.test("migrate dewy prints the command line that does the same", async () => {
  const io = fakeIo();
  const old = ["dewy", "server", "--registry", "ghr://o/r", "-p", "8000", "--", "./app", "a b"];
  assertEquals(await main(["migrate", "dewy", "--", ...old], io), 0);
  assertEquals(io.printed, [
    "liveroll server --registry ghr://o/r --port=8000 '--exec=./app '\\''a b'\\'''",
  ]);
});

for (
  const [args, complaint] of [
    [["migrate"], /give the old command line/],
    [["migrate", "dewy", "--", "container"], /"container" cannot be migrated/],
  ] as const
) {
  Deno.test(`what cannot be migrated is refused: ${args.join(" ")}`, async () => {
    const io = fakeIo();
    assertEquals(await main([...args], io), 2);
    assertMatch(io.complained.join("\n"), complaint);
  });
}

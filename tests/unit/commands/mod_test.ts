import { assertEquals, assertMatch } from "@std/assert";
import { COMMANDS, main } from "../../../src/commands/mod.ts";
import { fakeIo } from "./fake_io.ts";

const VALID = ["--pull=p", "--id=i", "--exec=e"];

Deno.test("main() takes run for the verb when there is none", async () => {
  for (const argv of [["--check", ...VALID], ["run", "--check", ...VALID]]) {
    const io = fakeIo();
    assertEquals(await main(argv, io), 0);
    assertEquals(io.printed[0], "config ok");
    assertEquals(io.complained, []);
  }
});

Deno.test("main() refuses an unknown verb with the nearest one", async () => {
  const table: [verb: string, message: string][] = [
    ["rn", 'liveroll: unknown command "rn" (did you mean "run"?)'],
    ["versoin", 'liveroll: unknown command "versoin" (did you mean "version"?)'],
    ["deploy-everything", 'liveroll: unknown command "deploy-everything"'],
    ["", 'liveroll: unknown command ""'],
  ];
  for (const [verb, message] of table) {
    const io = fakeIo();
    assertEquals(await main([verb, ...VALID], io), 2);
    assertEquals(io.complained, [message, 'Run "liveroll help" for all commands']);
    assertEquals(io.printed, []);
  }
});

Deno.test("main() reports all bad options and starts nothing", async () => {
  for (const verb of [[], ["run"], ["unit"]]) {
    const io = fakeIo();
    assertEquals(await main([...verb, "--port=0", "--pull=p", "--id=i"], io), 2);
    assertEquals(io.complained, [
      "liveroll: --exec is required: give the command that starts a child",
      "liveroll: --port: 0 is out of range, give 1 to 65535",
      'Run "liveroll help" for all options',
    ]);
    assertEquals(io.printed, []);
  }
});

Deno.test("main() says what is odd and goes on", async () => {
  const io = fakeIo({ LIVEROLL_PROT: "80" });
  assertEquals(await main(["--check", ...VALID], io), 0);
  assertEquals(io.complained, [
    "liveroll: warning: LIVEROLL_PROT is no option (did you mean LIVEROLL_PORT?)",
  ]);
});

Deno.test("main() prints help and version in every spelling", async () => {
  const table: [argv: string[], first: RegExp][] = [
    [["--help"], /^Usage: liveroll \[run\]/],
    [["-h"], /^Usage: liveroll \[run\]/],
    [["help"], /^Usage: liveroll \[run\]/],
    [["run", "--help"], /^Usage: liveroll \[run\]/],
    [["help", "unit"], /^Usage: liveroll unit/],
    [["unit", "-help"], /^Usage: liveroll unit/],
    [["version"], /^liveroll \d+\.\d+\.\d+ /],
    [["--version"], /^liveroll \d+\.\d+\.\d+ /],
    [["run", "-version"], /^liveroll \d+\.\d+\.\d+ /],
  ];
  for (const [argv, first] of table) {
    const io = fakeIo();
    assertEquals(await main(argv, io), 0, argv.join(" "));
    assertMatch(io.printed[0] ?? "", first);
    assertEquals(io.complained, []);
  }
});

Deno.test("every command has a name of its own and a summary", () => {
  assertEquals(new Set(COMMANDS.map(({ name }) => name)).size, COMMANDS.length);
  for (const { summary } of COMMANDS) assertMatch(summary, /^[a-z].*[^.]$/);
});

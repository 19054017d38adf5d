import { assertEquals } from "@std/assert";
import { COMMANDS, main } from "../../../src/commands/mod.ts";
import { fakeIo } from "./fake_io.ts";

const WORDS: Record<string, string[]> = {
  show: ["1"],
  pin: ["v1"],
  skip: ["v1"],
  maintenance: ["on"],
};

/** Works where nobody is. */
const ALONE = ["restore"];

const TALKING = COMMANDS.filter(({ name, flags }) =>
  !ALONE.includes(name) && flags.some(({ name }) => name === "state-dir")
);

Deno.test("every command that talks exits with 3 when nobody listens, and says where", async () => {
  const stateDir = await Deno.makeTempDir();
  assertEquals(TALKING.length, 19);
  for (const { name } of TALKING) {
    const io = fakeIo();
    assertEquals(await main([name, ...WORDS[name] ?? [], "--state-dir", stateDir], io), 3, name);
    assertEquals(io.complained, [
      `liveroll: not running: there is no socket ${stateDir}/control.sock`,
      `"liveroll ps" lists what runs on this host`,
    ], name);
  }
  await Deno.remove(stateDir);
});

Deno.test("with --json machines are told, too", async () => {
  const io = fakeIo();
  assertEquals(await main(["pause", "--json", "--state-dir=/nowhere"], io), 3);
  assertEquals(JSON.parse(io.printed.join("")), {
    code: "not_running",
    detail: "not running: there is no socket /nowhere/control.sock",
  });
});

Deno.test("a socket that was left behind is told as what it is", async () => {
  const stateDir = await Deno.makeTempDir();
  const path = `${stateDir}/control.sock`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `Deno.listen({ transport: "unix", path: "${path}" }); Deno.kill(Deno.pid, "SIGKILL")`,
    ],
    stdout: "null",
    stderr: "null",
  });
  await child.output();
  const io = fakeIo();
  assertEquals(await main(["status", "--state-dir", stateDir], io), 3);
  assertEquals(io.complained[0], `liveroll: not running: nobody listens on ${path}`);
  await Deno.remove(stateDir, { recursive: true });
});

Deno.test("who names no application is told how to", async () => {
  const io = fakeIo({ LIVEROLL_STATE_DIR: "" });
  assertEquals(await main(["pause"], io), 3);
  assertEquals(io.complained, [
    "liveroll: not running: there is no socket ./.liveroll/control.sock",
    `Name the application with --app or --state-dir; "liveroll ps" lists what runs`,
  ]);
});

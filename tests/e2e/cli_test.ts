import { assertEquals, assertMatch } from "@std/assert";
import { programCommand } from "../helpers/program.ts";

const PROGRAM = programCommand({});
const VALID = ["--pull=false", "--id=false", "--exec=false"];

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the real program with nothing of liveroll in its environment. */
async function liveroll(args: string[], env: Record<string, string> = {}): Promise<Answer> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !name.startsWith("LIVEROLL_"));
  const output = await new Deno.Command(PROGRAM.command, {
    args: [...PROGRAM.args, ...args],
    env: { ...Object.fromEntries(inherited), ...env, NO_COLOR: "1" },
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return {
    code: output.code,
    stdout: text.decode(output.stdout),
    stderr: text.decode(output.stderr),
  };
}

Deno.test("liveroll --version and --help print to standard output and exit 0", async () => {
  const version = await liveroll(["--version"]);
  assertMatch(version.stdout, /^liveroll \d+\.\d+\.\d+ .*\n$/);
  assertEquals([version.code, version.stderr], [0, ""]);

  const help = await liveroll(["-help"]);
  assertMatch(help.stdout, /^Usage: liveroll \[run\] .*--child-port2 PORT .*/s);
  assertEquals([help.code, help.stderr], [0, ""]);
});

Deno.test("liveroll --check with good options exits 0 and starts nothing", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const file = `${directory}/blog.yaml`;
    await Deno.writeTextFile(file, "interval: 1m30s\n");
    const touch = `touch ${directory}/spawned`;
    const commands = [`--pull=${touch}`, `-id`, touch, `--exec=${touch}`];
    const args = ["--check", ...commands, "--config", file];
    const { code, stdout, stderr } = await liveroll(args, { LIVEROLL_PORT: "8099" });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^config ok\n/);
    assertMatch(stdout, /--interval +\S+blog\.yaml:1 +1m30s\n/);
    assertMatch(stdout, /--port +LIVEROLL_PORT +8099\n/);
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["blog.yaml"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("liveroll --check with bad options names all of them and exits 2", async () => {
  const { code, stdout, stderr } = await liveroll(["--check", ...VALID, "--port=0", "-interval=9"]);
  assertEquals([code, stdout], [2, ""]);
  assertEquals(stderr.split("\n").slice(0, 2), [
    'liveroll: --interval: missing unit in "9", for example 9s',
    "liveroll: --port: 0 is out of range, give 1 to 65535",
  ]);
});

Deno.test("an unknown flag or verb exits 2 with a suggestion", async () => {
  const flag = await liveroll([...VALID, "--intervall", "5s"]);
  assertEquals([flag.code, flag.stdout], [2, ""]);
  assertMatch(flag.stderr, /^liveroll: unknown flag --intervall \(did you mean --interval\?\)\n/);

  const verb = await liveroll(["versio"]);
  assertEquals([verb.code, verb.stdout], [2, ""]);
  assertMatch(verb.stderr, /^liveroll: unknown command "versio" \(did you mean "version"\?\)\n/);
});

Deno.test("an unreadable config file exits 2", async () => {
  const { code, stderr } = await liveroll([...VALID, "--config", "/nonexistent/blog.yaml"]);
  assertEquals(code, 2);
  assertMatch(stderr, /^liveroll: Cannot read config file \/nonexistent\/blog\.yaml: No such file/);
});

Deno.test("liveroll unit prints a unit with what was given", async () => {
  const { code, stdout, stderr } = await liveroll(["unit", ...VALID, "--port", "8099"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^\[Unit\]$.*^ExecStart=.*--port=8099/ms);
});

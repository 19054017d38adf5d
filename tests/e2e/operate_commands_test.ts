import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { COMMANDS } from "../../src/commands/mod.ts";
import document from "../../src/control/openapi.json" with { type: "json" };
import { Cli } from "../helpers/cli.ts";
import { client, type Ran } from "../helpers/client_command.ts";
import {
  type Expected,
  ONLY_TEXT,
  RUNNING,
  STOPPED,
  TALKS,
  WRONG,
} from "../helpers/command_table.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { OpenApi } from "../helpers/openapi.ts";

const API = new OpenApi(document);

function assertJson({ line, as }: Expected, { stdout }: Ran): void {
  if (as === undefined) return void JSON.parse(stdout);
  const [operation, status] = as;
  const [method = "", path = ""] = operation.split(" ");
  const type = path.endsWith("logs") ? "application/x-ndjson" : "application/json";
  const contentType = status < 400 ? type : "application/problem+json";
  assertEquals(API.problemsOf({ method, path, status, contentType, body: stdout }), [], line);
}

/** Complaints are one sentence on standard error, whatever else is asked for. */
function assertComplains({ line, says }: Expected, { stderr }: Ran): void {
  const sentence = /^liveroll: ([^\n]+)\n$/.exec(stderr)?.[1];
  assertMatch(sentence ?? `not one sentence: ${stderr}`, says, line);
}

function assertPlain(expected: Expected, ran: Ran): void {
  const { line, code = 0, says } = expected;
  assertEquals(ran.code, code, `${line}: ${ran.stderr}`);
  if (code === 0) return assertMatch(ran.stdout, says, line);
  assertEquals(ran.stdout, "", line);
  assertComplains(expected, ran);
}

function assertMachine(expected: Expected, ran: Ran): void {
  const { line, code = 0 } = expected;
  assertEquals(ran.code, code, `${line}: ${ran.stderr}`);
  assertJson(expected, ran);
  if (code === 0) assertEquals(ran.stderr, "", line);
  else assertComplains(expected, ran);
}

/** Runs `test` with an application that was rolled from v1 to v2. */
async function withRolled(test: (liveroll: Liveroll, cli: Cli) => Promise<void>): Promise<void> {
  await withLiveroll({}, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    await test(liveroll, new Cli(liveroll.home));
  });
}

/** A home in which v1 has served, and nothing runs any more. */
async function stoppedHome(): Promise<Home> {
  const home = new Home();
  await using liveroll = await Liveroll.serving({ home, version: "v1" });
  await liveroll.stop();
  return home;
}

Deno.test("every command does its work for people, and says in one sentence why it does not", () =>
  withRolled(async (_, cli) => {
    for (const expected of RUNNING) assertPlain(expected, await cli.run(expected.line));
  }));

Deno.test("every command does its work for machines, in the form that the API describes", () =>
  withRolled(async (_, cli) => {
    for (const expected of RUNNING) {
      if (ONLY_TEXT.includes(expected.line.split(" ")[0] ?? "")) continue;
      assertMachine(expected, await cli.run(`${expected.line} --json`));
    }
  }));

Deno.test("no command is forgotten here", () => {
  const here = (lines: readonly string[]) => new Set(lines.map((line) => line.split(" ")[0]));
  const runs = ["run", "server", "assets", "container", "compose", "updater"];
  const apart = [...runs, "unit", "migrate", "version", "help"];
  const all = COMMANDS.map(({ name }) => name).filter((name) => !apart.includes(name)).toSorted();
  const running = here(RUNNING.map(({ line }) => line));
  assertEquals([...running].toSorted(), all);
  const stopped = here([
    ...STOPPED.map(({ line }) => line),
    ...TALKS,
    "ps",
    "restore",
    "completions",
  ]);
  assertEquals([...stopped].toSorted(), all);
  assertEquals([...here(Object.keys(WRONG))].toSorted(), all);
});

Deno.test("the records tell what was, when nothing runs any more", async () => {
  using home = await stoppedHome();
  const cli = new Cli(home);
  const note = "liveroll: not running; from the records\n";
  for (const expected of STOPPED) {
    const plain = await cli.run(expected.line);
    assertEquals([plain.code, plain.stderr], [0, note], expected.line);
    assertMatch(plain.stdout, expected.says);
    const machine = await cli.run(`${expected.line} --json`);
    assertEquals([machine.code, machine.stderr], [0, note], expected.line);
    assertJson(expected, machine);
  }
  const missing = await cli.run("show 99 --json");
  assertEquals([missing.code, JSON.parse(missing.stdout).code], [1, "not_found"]);
});

Deno.test("status of an application that does not run tells what ran last, and exits 3", async () => {
  using home = await stoppedHome();
  const cli = new Cli(home);
  const { code, stdout } = await cli.run("status");
  assertEquals(code, 3);
  assertMatch(stdout, /^last roll {2}#1 \S+ ago, start: v1, succeeded in \S+\n$/);
  const machine = await cli.run("status --json");
  assertEquals(machine.code, 3);
  const { lastRoll, ...rest } = JSON.parse(machine.stdout);
  assertEquals(rest, { state: "stopped", stateDir: home.stateDir });
  assertEquals([lastRoll.id, lastRoll.to, lastRoll.outcome], [1, "v1", "succeeded"]);
});

Deno.test("every command that needs somebody to talk to exits 3 when nobody is there", async () => {
  using home = await stoppedHome();
  const cli = new Cli(home);
  const message = `not running: there is no socket ${home.stateDir}/control.sock`;
  const hint = '"liveroll ps" lists what runs on this host';
  for (const line of TALKS) {
    const plain = await cli.run(line);
    assertEquals([plain.code, plain.stderr], [3, `liveroll: ${message}\n${hint}\n`], line);
    if (line !== "status") assertEquals(plain.stdout, "", line);
    const machine = await cli.run(`${line} --json`);
    assertEquals([machine.code, machine.stderr], [3, plain.stderr], line);
    if (line === "status") continue;
    assertEquals(JSON.parse(machine.stdout), { code: "not_running", detail: message }, line);
  }
});

Deno.test("where nothing ever ran, there are no records either", async () => {
  using home = new Home();
  const cli = new Cli(home);
  for (const { line } of STOPPED) {
    const { code, stdout, stderr } = await cli.run(line);
    assertEquals([code, stdout], [3, ""], line);
    assertMatch(stderr, /^liveroll: not running: there is no socket .*\n"liveroll ps" .*\n$/);
  }
  const { code, stdout } = await cli.run("status --json");
  const nothing = { state: "stopped", stateDir: home.stateDir, lastRoll: null };
  assertEquals([code, JSON.parse(stdout)], [3, nothing]);
  assertThrows(() => Deno.statSync(home.stateDir), Deno.errors.NotFound);
});

Deno.test("commands that are about no application need none", async () => {
  const ps = await client(["ps", "--json"]);
  assertEquals([ps.code, ps.stderr, Array.isArray(JSON.parse(ps.stdout))], [0, "", true]);
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout, stderr } = await client(["completions", shell]);
    assertEquals([code, stderr], [0, ""], shell);
    for (const { name } of COMMANDS) assert(stdout.includes(name), `${shell}: ${name}`);
  }
});

Deno.test("what cannot be understood exits 2, says what and where to read, and prints nothing", async () => {
  for (const [line, says] of Object.entries(WRONG)) {
    const { code, stdout, stderr } = await client(line.split(" "));
    assertEquals([code, stdout], [2, ""], line);
    const [first = "", second = "", ...rest] = stderr.split("\n");
    assertMatch(first.replace(/^liveroll: /, ""), says, line);
    const isOfPlace = second === "" && rest.length === 0;
    const verb = line.split(" ")[0];
    assert(isOfPlace || second === `Run "liveroll help ${verb}" for its options`, stderr);
  }
});

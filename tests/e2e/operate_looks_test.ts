import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Application } from "../../src/commands/ps.ts";
import type { OutputLine, Status } from "../../src/control/operator.ts";
import { poll } from "../../src/platform/poll.ts";
import { Cli } from "../helpers/cli.ts";
import { canMount, client, type ClientOptions } from "../helpers/client_command.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { Home } from "../helpers/home.ts";
import { withLiveroll } from "../helpers/liveroll.ts";
import { inspect } from "../helpers/proc.ts";
import { needs } from "../helpers/skip.ts";

Deno.test("status --json has all that is promised, and nothing contradicts", () =>
  withLiveroll({}, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    liveroll.offer("v3", { crash: { code: 3, lastWords: [] } });
    await liveroll.waitFor("roll.failed", { id: "v3" });
    await liveroll.ask();
    const status = await new Cli(liveroll.home).status();
    const { current, requests, rolls } = status;
    assertEquals([status.app, status.state], ["state", "serving"]);
    assertEquals([current?.id, current?.port], ["v2", liveroll.childPorts[1]]);
    const [child] = [...liveroll.children().values()].flat();
    assertEquals(inspect(current?.pid ?? 0)?.env.LIVEROLL_INSTANCE, child?.env.LIVEROLL_INSTANCE);
    assert((current?.startedAt ?? "") <= (current?.healthySince ?? ""));
    assertEquals([status.candidate, status.draining], [null, []]);
    assertEquals([status.desired, status.previous], [{ id: "v3" }, { id: "v1" }]);
    assertEquals(status.quarantined.map(({ id }) => id), ["v3"]);
    assertEquals(rolls, { succeeded: 2, failed: 1, rolledBack: 0, interrupted: 0, skipped: 0 });
    assert(requests.total >= 1 && requests.failed === 0 && requests.retried === 0);
    assertEquals([requests.inFlight, requests.held], [0, 0]);
    assertEquals(status.lastCheck?.outcome, "found");
    assertEquals([status.pid, status.stateDir], [liveroll.pid, liveroll.home.stateDir]);
    assertEquals(status.listen, [`127.0.0.1:${liveroll.port}`]);
    assertMatch(status.version, /^\d+\.\d+\.\d+/);
    assert(status.uptimeSeconds >= 0 && status.uptimeSeconds < 60);
  }));

Deno.test("history --json is an array of rolls with exactly their fields, the newest first", () =>
  withLiveroll({}, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    const cli = new Cli(liveroll.home);
    const rolls = await cli.history();
    assertEquals(
      rolls.map(({ id, trigger, from, to, outcome }) => ({ id, trigger, from, to, outcome })),
      [
        { id: 2, trigger: "forced", from: "v1", to: "v2", outcome: "succeeded" },
        { id: 1, trigger: "start", from: null, to: "v1", outcome: "succeeded" },
      ],
    );
    const fields = [
      "at",
      "detail",
      "durationMs",
      "from",
      "id",
      "outcome",
      "phases",
      "to",
      "trigger",
    ];
    for (const roll of rolls) {
      assertEquals(Object.keys(roll).toSorted(), fields);
      assertEquals(roll.at, new Date(roll.at).toISOString());
      for (const phase of roll.phases) {
        assertEquals(Object.keys(phase).toSorted(), ["durationMs", "name", "outcome", "startedAt"]);
        assert(phase.startedAt >= roll.at && phase.durationMs >= 0);
      }
    }
    const [second, first] = rolls.map(({ phases }) => phases.map(({ name }) => name));
    assertEquals(first, ["port", "start", "gate", "switch"]);
    assertEquals(second, ["port", "start", "gate", "switch", "drain", "stop"]);
    assertEquals((await cli.json<unknown[]>("history -n 1")).length, 1);
  }));

Deno.test("logs -f goes on with the lines that come, and ends with liveroll", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await using all = cli.start("logs -f");
    await using ofTwo = cli.start("logs --follow --json -n 1");
    await all.stdout.waitForLine("the past", ({ text }) => text.includes("toy v1 ready"));
    await ofTwo.stdout.waitForLine("the past", ({ line }) => `${line}`.includes("toy v1 ready"));
    await liveroll.roll("v2");
    await all.stdout.waitForLine("the present", ({ text }) => text.includes("toy v2 ready"));
    const { text } = await ofTwo.stdout.waitForLine(
      "v2",
      ({ line }) => `${line}`.includes("v2 ready"),
    );
    const { roll, id, port, stream }: OutputLine = JSON.parse(text);
    assertEquals([roll, id, port, stream], [2, "v2", liveroll.childPorts[1], "stdout"]);
    await using ofRollOne = cli.start("logs 1 -f");
    await ofRollOne.stdout.waitForLine("roll 1", ({ text }) => text.includes("toy v1 ready"));
    await liveroll.stop();
    for (const command of [all, ofTwo, ofRollOne]) {
      const { code, stderr } = await command.ran();
      assertEquals([code, stderr], [0, ""]);
    }
    assert(!ofRollOne.stdout.dump().includes("v2 ready"));
    for (const line of all.stdout.lines) assertMatch(line.text, /^\S+Z v[12]@\d+ \| /);
  }));

Deno.test("Ctrl-C ends logs -f and status --watch, and nothing else", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await using logs = cli.start("logs -f");
    await using watch = cli.start("status --watch");
    await logs.stdout.waitForLine("a line", () => true);
    await watch.stdout.waitForLine("a line", () => true);
    for (const command of [logs, watch]) {
      command.signal("SIGINT");
      const { stderr } = await command.ran();
      assertEquals(stderr, "");
    }
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("status --watch shows how it stands, and again when that changes", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await using watch = cli.start("status --watch");
    await using machine = cli.start("status --watch --json");
    await watch.stdout.waitForLine("v1", ({ text }) => /^current +v1, pid \d+, port/.test(text));
    await machine.stdout.waitForLine("v1", ({ current }) => idOf(current) === "v1");
    await liveroll.rollAndRetire("v2");
    await watch.stdout.waitForLine("v2", ({ text }) => /^current +v2, pid \d+, port/.test(text));
    await machine.stdout.waitForLine("v2", ({ current }) => idOf(current) === "v2");
    assertMatch(watch.stdout.lines[0]?.text ?? "", /^state {2}serving: serving v1/);
    for (const { text } of machine.stdout.lines) {
      assertEquals((JSON.parse(text) as Status).app, "state");
    }
    await liveroll.stop();
    assertEquals((await watch.ran()).code, 3);
    assertEquals((await machine.ran()).code, 3);
  }));

function idOf(instance: unknown): unknown {
  return typeof instance === "object" && instance !== null && Reflect.get(instance, "id");
}

/** What `ps` shows of some, as soon as all of these answer: it gives each a second. */
async function ps(
  isMeant: (one: Application) => boolean,
  options: ClientOptions = {},
): Promise<Application[]> {
  let found: Application[] = [];
  const allAnswer = async () => {
    const { code, stdout } = await client(["ps", "--json"], options);
    assertEquals(code, 0);
    found = (JSON.parse(stdout) as Application[]).filter(isMeant);
    return found.every(({ state }) => state !== "no answer");
  };
  await poll(allAnswer, { timeoutMs: PATIENCE_MS });
  return found;
}

Deno.test("ps shows every application of the host that runs", async () => {
  using first = new Home();
  using second = new Home();
  await withLiveroll(
    { home: first, version: "v1", flags: { app: "blog" } },
    () =>
      withLiveroll({ home: second, version: "w7" }, async () => {
        const found = await ps(({ stateDir }) =>
          [first.stateDir, second.stateDir].includes(stateDir)
        );
        const gist = found.map(({ app, state, status }) => [app, state, status?.current?.id]);
        assertEquals(gist.toSorted(), [["blog", "serving", "v1"], ["state", "serving", "w7"]]);
        // What does not fit is cut: there is no terminal, so 80 columns are assumed.
        let text: string[] = [];
        const isThere = async () => {
          text = (await client(["ps"])).stdout.split("\n");
          return !text.some((line) => /^blog .*no answer/.test(line));
        };
        await poll(isThere, { timeoutMs: PATIENCE_MS });
        assert(text.some((line) => /^blog +serving +v1 +\S+ +\d+ /.test(line)), text.join("\n"));
        for (const line of text) assert(line.length <= 80, line);
      }),
  );
});

Deno.test({
  name: "commands find a service by its name, and ps also what does not run any more",
  ...needs(canMount()),
  fn: async () => {
    using home = new Home();
    const varLib = `${home.workspace.dir}/lib`;
    const stateDir = `${varLib}/blog`;
    Deno.mkdirSync(varLib);
    const statesOfBlog = async () => (await ps(isBlog, { varLib })).map(({ state }) => state);
    // As the service manager has it.
    const service = { flags: { "state-dir": null }, env: { STATE_DIRECTORY: stateDir } };
    await withLiveroll({ home, version: "v1", ...service }, async () => {
      const status = await client(["status", "--app", "blog", "--json"], { varLib });
      assertEquals([status.code, JSON.parse(status.stdout).app], [0, "blog"]);
      // There it is seen twice: nothing tells that two mounted directories are one.
      assertEquals(new Set(await statesOfBlog()), new Set(["serving"]));
      const other = await client(["status", "--app=shop"], { varLib });
      const reason = "not running: there is no socket /var/lib/shop/control.sock";
      assertEquals([other.code, other.stderr.split("\n")[0]], [3, `liveroll: ${reason}`]);
    });
    assertEquals(await statesOfBlog(), ["not running"]);
    const history = await client(["history", "--app=blog", "--json"], { varLib });
    assertEquals([history.code, JSON.parse(history.stdout)[0].to], [0, "v1"]);
  },
});

function isBlog({ stateDir }: Application): boolean {
  return stateDir.endsWith("/lib/blog");
}

Deno.test("without a name commands mean the application of their service or directory", () =>
  withLiveroll({}, async ({ home }) => {
    const { dir } = home.workspace;
    Deno.symlinkSync(home.stateDir, `${dir}/.liveroll`);
    const places = [
      { cwd: dir },
      { cwd: home.stateDir },
      { env: { STATE_DIRECTORY: home.stateDir } },
      { env: { STATE_DIRECTORY: `${home.stateDir}:/var/lib/other` } },
      { env: { LIVEROLL_STATE_DIR: home.stateDir } },
    ];
    for (const place of places) {
      const { code, stdout } = await client(["status", "--json"], place);
      assertEquals([code, JSON.parse(stdout).stateDir], [0, home.stateDir], JSON.stringify(place));
    }
    const nowhere = await client(["pause"], { cwd: "/" });
    assertEquals(nowhere.code, 3);
    assertMatch(nowhere.stderr, /\nName the application with --app or --state-dir; "liveroll ps"/);
  }));

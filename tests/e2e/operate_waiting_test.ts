import { assert, assertEquals, assertMatch } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";

/** Every version but v1 is healthy as soon as the file `open` is there. */
const GATED = {
  healthcheck: 'exec:test "$LIVEROLL_ID" = v1 || test -e "$TOY_DIR/open"',
  "health-interval": "50ms",
};

/** Lets the version in the gate pass. */
function openGate({ workspace }: Liveroll): void {
  Deno.writeTextFileSync(`${workspace.dir}/open`, "");
}

/** Runs `test` with v1 serving and v2 published, which stays in the gate until that is opened. */
async function withGate(test: (liveroll: Liveroll, cli: Cli) => Promise<void>): Promise<void> {
  await withLiveroll({ flags: GATED }, async (liveroll) => {
    liveroll.publish("v2");
    await test(liveroll, new Cli(liveroll.home));
  });
}

Deno.test("update waits for the end, and tells meanwhile what goes on, line by line", () =>
  withGate(async (liveroll, cli) => {
    await using update = cli.start("update");
    await update.stderr.waitForLine("the candidate", ({ text }) => /v2@\d+ started/.test(text));
    assertEquals(update.stdout.lines, []);
    openGate(liveroll);
    const { code, stdout, stderr } = await update.ran();
    assertEquals(code, 0);
    assertMatch(stdout, /^v2 serves \(roll 2, \S+\)\n$/);
    const order = [
      "v2 was found, v1 runs",
      "Roll 2 to v2 began (asked for, from v1)",
      "port",
      "start",
      "gate",
      "switch",
    ];
    const told = stderr.split("\n");
    const places = order.map((words) => told.findIndex((line) => line.startsWith(words)));
    assert(!places.includes(-1), stderr);
    assertEquals(places, places.toSorted((a, b) => a - b), stderr);
    assert(
      !/(?!\n)\p{Cc}/u.test(stderr),
      "control characters where there is no terminal",
    );
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("Ctrl-C ends the waiting, not the roll", () =>
  withGate(async (liveroll, cli) => {
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    await using update = cli.start("update");
    await liveroll.waitFor("roll.candidate", ({ instance }) => instance.id === "v2");
    await update.heedsInterrupts();
    await update.stderr.waitForLine("the candidate", ({ text }) => /v2@\d+ started/.test(text));
    update.signal("SIGINT");
    const { code, stdout, stderr } = await update.ran();
    assertEquals([code, stdout], [130, ""]);
    assertMatch(stderr, /\ndetached, the roll goes on: liveroll status\n$/);
    const status = await cli.status();
    assertEquals([status.roll?.to, status.roll?.phase], ["v2", "gate"]);
    openGate(liveroll);
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    await load.sees("v2");
    assertNoneFailed(await load.stop());
  }));

Deno.test("with --json a detached order tells that its end is not known yet", () =>
  withGate(async (liveroll, cli) => {
    await using update = cli.start("update --json");
    await liveroll.waitFor("roll.candidate", ({ instance }) => instance.id === "v2");
    await update.heedsInterrupts();
    update.signal("SIGINT");
    const { code, stdout, stderr } = await update.ran();
    assertEquals([code, stderr], [130, "detached, the roll goes on: liveroll status\n"]);
    const { request, outcome } = JSON.parse(stdout);
    assertEquals([request, outcome], [1, null]);
    openGate(liveroll);
  }));

for (const verb of ["update", "update --force", "update v3", "rollback", "retry", "pin v3"]) {
  Deno.test(`while a roll is under way, liveroll ${verb} is busy`, () =>
    withGate(async (liveroll, cli) => {
      await using first = cli.start("update");
      await liveroll.waitFor("roll.candidate", ({ instance }) => instance.id === "v2");
      const plain = await cli.run(verb);
      assertEquals([plain.code, plain.stdout], [4, ""]);
      assertMatch(plain.stderr, /^liveroll: busy: roll 2 is under way\n$/);
      const machine = await cli.run(`${verb} --json`);
      const { code, roll, status } = JSON.parse(machine.stdout);
      assertEquals([machine.code, code, roll, status], [4, "busy", 2, 409]);
      openGate(liveroll);
      assertEquals((await first.ran()).code, 0);
      assertEquals((await liveroll.ask()).text, "v2");
    }));
}

Deno.test("what takes longer than --timeout exits 5 and goes on", () =>
  withGate(async (liveroll, cli) => {
    const { code, stdout, stderr } = await cli.run("update --timeout 300ms");
    assertEquals([code, stdout], [5, ""]);
    assertMatch(stderr, /liveroll: timed out after 300ms; it goes on: liveroll status\n$/);
    openGate(liveroll);
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
  }));

Deno.test("a refused version exits 1, with the reason and its last lines", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    liveroll.publish("v2", { crash: { code: 3, lastWords: ["no database", "giving up"] } });
    const { code, stdout } = await cli.run("update");
    assertEquals(code, 1);
    assertEquals(stdout.split("\n"), [
      "v2 refused: it exited with code 3 before it was healthy; v1 still serves",
      "  | no database",
      "  | giving up",
      "",
    ]);
    const machine = await cli.run("update v2 --json");
    const { outcome, roll, detail } = JSON.parse(machine.stdout);
    assertEquals([machine.code, machine.stderr, outcome, roll], [1, "", "failed", 3]);
    assertEquals(detail, "it exited with code 3 before it was healthy");
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("a source that fails exits 1 with the words of its command", () =>
  withLiveroll(
    { flags: { pull: 'test ! -e "$TOY_DIR/broken" || { echo no route; exit 7; }' } },
    async (liveroll) => {
      const cli = new Cli(liveroll.home);
      Deno.writeTextFileSync(`${liveroll.workspace.dir}/broken`, "");
      const { code, stdout } = await cli.run("update");
      assertEquals(code, 1);
      assertMatch(
        stdout,
        /^(refused|failed): Cannot run the pull command: exit status 7.*no route/,
      );
      const { lastCheck } = await cli.status();
      assertEquals(lastCheck?.outcome, "failed");
    },
  ));

Deno.test("an order whose liveroll is started again is told how its roll ended", () =>
  withGate(async (liveroll, cli) => {
    await using update = cli.start("update");
    await update.stderr.waitForLine("the candidate", ({ text }) => /v2@\d+ started/.test(text));
    await liveroll.stop();
    const next = { home: liveroll.home, flags: { ...GATED, id: "echo v1" } };
    await withLiveroll(next, async () => {
      const { code, stdout } = await update.ran();
      assertEquals(code, 1);
      assertMatch(stdout, /^v2 interrupted: /);
    });
  }));

Deno.test("stop waits until everything has ended, and is told when that takes too long", () =>
  withLiveroll(
    { behaviour: { onTerm: "ignore" }, flags: { "stop-timeout": "20s" } },
    async (liveroll) => {
      const application = Number((await liveroll.ask("/pid")).text);
      const cli = new Cli(liveroll.home);
      const { code, stderr } = await cli.run("stop --timeout 100ms");
      assertEquals(code, 5);
      assertMatch(stderr, /liveroll: timed out after 100ms; it goes on to stop\n$/);
      Deno.kill(application, "SIGKILL");
      assertEquals((await liveroll.end()).code, 0);
      assertEquals(liveroll.children().size, 0);
    },
  ));

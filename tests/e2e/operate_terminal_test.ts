import { assert, assertEquals, assertMatch } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { withLiveroll } from "../helpers/liveroll.ts";
import { inspect } from "../helpers/proc.ts";
import { needs, program } from "../helpers/skip.ts";

/** Everything but line ends that a terminal could obey, marks of direction included. */
const COMMANDS_TO_A_TERMINAL = /(?!\n)\p{Cc}|[\u2028-\u202e\u2066-\u2069]/u;

const MANY_COMMANDS = [
  "status",
  "history",
  "show 2",
  "show 3",
  "logs",
  "why -n 100",
  "doctor",
  "ps",
];

for (
  const id of [
    "v2 \u202e beta; $(reboot) 'x' \"y\" \\n %s",
    "<b>v2</b>&amp;",
    "ｖ２-版本-🚀",
    "--json",
  ]
) {
  Deno.test(`a version may be called ${JSON.stringify(id)}`, () =>
    // The application cannot put every id in a header.
    withLiveroll({ flags: { healthcheck: "tcp" } }, async (liveroll) => {
      const cli = new Cli(liveroll.home);
      const current = async () => (await cli.status()).current?.id;
      liveroll.publish(id);
      const update = await cli.run("update");
      assertEquals([update.code, await current()], [0, id]);
      assertEquals((await cli.run("rollback")).code, 0);
      const back = await cli.runWords(["update", "--", id]);
      assertEquals([back.code, await current()], [0, id]);
      const { instance } = await liveroll.waitFor("roll.switched", ({ instance }) =>
        instance.id === id);
      assertEquals(inspect(instance.pid)?.env.LIVEROLL_ID ?? id, id);
      for (const line of MANY_COMMANDS) {
        const { stdout, stderr } = await cli.run(line);
        assert(!COMMANDS_TO_A_TERMINAL.test(stdout + stderr), `${line}: ${stdout}${stderr}`);
      }
    }));
}

Deno.test("nothing that an application, a hook or a caller says is obeyed by the terminal", () => {
  const evil = "\x1b]0;owned\x07\x1b[2Jgone\u202e\x9b31m\r";
  return withLiveroll({
    flags: { "after-hook": "printf '\\033[2J%s\\n' hooked; exit 1" },
  }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    liveroll.publish("v2", { crash: { code: 3, lastWords: [`${evil}last words`] } });
    const update = await cli.run("update");
    assert(update.stdout.includes("last words"), update.stdout);
    assert(!COMMANDS_TO_A_TERMINAL.test(update.stdout + update.stderr), update.stdout);
    await cli.runWords(["skip", `${evil}v9`]);
    await cli.runWords(["maintenance", "on", "--message", `${evil}later`]);
    const refused = await cli.runWords(["rollback", `${evil}v8`]);
    assertEquals(refused.code, 1);
    assert(!COMMANDS_TO_A_TERMINAL.test(refused.stderr), refused.stderr);
    for (const line of MANY_COMMANDS) {
      for (const form of [line, `${line} --json`]) {
        const { stdout, stderr } = await cli.run(form);
        assert(!COMMANDS_TO_A_TERMINAL.test(stdout + stderr), `${form}: ${stdout}${stderr}`);
      }
    }
    // Machines get it as it was.
    assertEquals((await cli.status()).settings.maintenance, `${evil}later`);
  });
});

Deno.test("an id with commands to a terminal in it is refused, and told without them", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    liveroll.publish("v2\x1b[31m");
    const { code, stdout, stderr } = await cli.run("update");
    assertEquals(code, 1);
    assertMatch(stdout, /control characters in "v2/);
    assert(!COMMANDS_TO_A_TERMINAL.test(stdout + stderr), stdout);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test({
  name: "on a terminal update draws one line over itself, and only the result stays",
  ...needs(program("script")),
  fn: () =>
    withLiveroll({}, async (liveroll) => {
      const cli = new Cli(liveroll.home);
      liveroll.publish("v2", { startDelayMs: 300 });
      const { code, stdout } = await cli.run("update", { terminal: true });
      assertEquals(code, 0, stdout);
      const drawn = stdout.split("\r\x1b[K");
      assertMatch(drawn.at(-1) ?? "", /^v2 serves \(roll 2, \S+\)\r\n$/);
      assert(drawn.some((text) => /roll 2 to v2 {2}gate/.test(text)), stdout);
      for (const text of drawn.slice(0, -1)) assert(!text.includes("\n"), text);
    }),
});

Deno.test({
  name: "on a terminal status --watch draws over what it has drawn",
  ...needs(program("script")),
  fn: () =>
    withLiveroll({}, async (liveroll) => {
      await using watch = new Cli(liveroll.home).start("status --watch", { terminal: true });
      await watch.stdout.waitForLine("it again", ({ text }) => text.includes("A\r\x1b[J"));
      await liveroll.roll("v2");
      await watch.stdout.waitForLine("v2", ({ text }) => /current.* v2, pid/.test(text));
    }),
});

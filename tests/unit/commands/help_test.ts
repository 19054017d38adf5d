import { assertEquals, assertMatch } from "@std/assert";
import { help, optionsHelp } from "../../../src/commands/help.ts";
import { COMMANDS } from "../../../src/commands/mod.ts";
import { FLAGS, optionOf } from "../../../src/config/options.ts";
import { SIGNALS } from "../../../src/platform/signals.ts";
import { fakeIo } from "./fake_io.ts";

Deno.test("help fits on 80 columns", () => {
  for (const topic of [[], ...COMMANDS.map(({ name }) => [name])]) {
    const io = fakeIo();
    assertEquals(help(topic, io, COMMANDS), 0);
    const long = io.printed.join("\n").split("\n").filter((line) => line.length > 80);
    assertEquals(long, []);
  }
});

Deno.test("help names every option once, with its default", () => {
  const text = optionsHelp().replaceAll(/\s+/g, " ");
  for (const flag of FLAGS) {
    const option = optionOf(flag);
    assertEquals(text.split(` --${flag} `).length >= 2, true, flag);
    if (!option.default || option.kind.isSwitch) continue;
    const [, rest = ""] = optionsHelp().split(new RegExp(`^  --${flag} `, "m"));
    const [own = ""] = rest.split("\n  --");
    assertMatch(own.replaceAll(/\s+/g, " "), new RegExp(`\\(default ${option.default}\\)`), flag);
  }
});

Deno.test("help says of what is required what may take its place", () => {
  assertMatch(
    optionsHelp().replaceAll(/\s+/g, " "),
    /--exec CMD [^(]*\(required without --image or --compose-file\)/,
  );
});

Deno.test("help says that the health path is spelled so on purpose", () => {
  assertMatch(optionsHelp().replaceAll(/\s+/g, " "), /historical.*\(default \/heathz\)/);
});

Deno.test("help names every signal that liveroll acts on", () => {
  const io = fakeIo();
  help(["run"], io, COMMANDS);
  const [, signals = ""] = io.printed.join("\n").split("\nSignals: ");
  for (const name of SIGNALS) assertMatch(signals, new RegExp(`\\b${name}\\b`));
});

Deno.test("help of assets leaves out what can do nothing for files", () => {
  const io = fakeIo();
  help(["assets"], io, COMMANDS);
  const shown = FLAGS.filter((flag) => new RegExp(`^  --${flag} `, "m").test(io.printed[0] ?? ""));
  assertEquals(shown.includes("serve") && shown.includes("after-hook"), true);
  assertEquals(shown.filter((flag) => ["exec", "port", "healthcheck"].includes(flag)), []);
});

Deno.test("help names every flag that is a command's own, and every word that it knows", () => {
  for (const command of COMMANDS) {
    const io = fakeIo();
    help([command.name], io, COMMANDS);
    const text = io.printed.join("\n");
    for (const { name } of command.flags) {
      assertMatch(text, new RegExp(`^  (-\\w, )?--?${name}( |$)`, "m"));
    }
    const words = command.words.flatMap(({ choices = [] }) => choices);
    for (const word of words) assertMatch(text, new RegExp(`\\b${word}\\b`), command.name);
  }
});

Deno.test("help lists all commands", () => {
  const io = fakeIo();
  help([], io, COMMANDS);
  for (const { name, summary } of COMMANDS) {
    assertMatch(io.printed[0] ?? "", new RegExp(`^  ${name} +${summary}$`, "m"));
  }
});

Deno.test("help for something unknown is an error", () => {
  const table: [args: string[], message: string][] = [
    [["unti"], 'liveroll: no help for "unti" (did you mean "unit"?)'],
    [["--port"], 'liveroll: no help for "--port"'],
    [["run", "unit"], 'liveroll: unexpected argument "unit" after "help"'],
  ];
  for (const [args, message] of table) {
    const io = fakeIo();
    assertEquals(help(args, io, COMMANDS), 2);
    assertEquals(io.complained, [message]);
  }
});

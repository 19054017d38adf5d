import { assertEquals } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import {
  countFlag,
  parseCommand,
  switchFlag,
  textFlag,
  timeFlag,
} from "../../../src/commands/flags.ts";
import { fakeIo } from "./fake_io.ts";

const FLAGS = {
  json: switchFlag("print JSON"),
  follow: switchFlag("go on", "f"),
  n: countFlag("20", 1000, "how many"),
  timeout: timeFlag("10m", "how long"),
  message: textFlag("TEXT", "gone", "what to say"),
};
const WORDS = [{ name: "ID", required: true }, { name: "MODE", choices: ["on", "off"] }] as const;

const DEFAULTS = { json: false, follow: false, n: 20, timeout: 600_000, message: "gone" };

Deno.test("parseCommand() reads flags in all spellings of Go, before and after words", () => {
  const table: [args: string[], words: string[], values: Partial<typeof DEFAULTS>][] = [
    [["v1"], ["v1"], {}],
    [["--json", "v1"], ["v1"], { json: true }],
    [["v1", "-json", "on"], ["v1", "on"], { json: true }],
    [["-f", "-n", "5", "v1"], ["v1"], { follow: true, n: 5 }],
    [["v1", "--n=7", "--follow=false"], ["v1"], { n: 7 }],
    [["--timeout", "1m30s", "--", "-v1"], ["-v1"], { timeout: 90_000 }],
    [["v1", "--message", "-dash-"], ["v1"], { message: "-dash-" }],
    [["-n=1", "-n=2", "v1"], ["v1"], { n: 2 }],
  ];
  for (const [args, words, values] of table) {
    assertEquals(parseCommand(args, FLAGS, WORDS), {
      kind: "ok",
      words,
      values: { ...DEFAULTS, ...values },
    }, args.join(" "));
  }
});

Deno.test("parseCommand() complains about everything at once", () => {
  const table: [args: string[], errors: string[]][] = [
    [[], ["ID is missing"]],
    [[""], ["ID is empty"]],
    [["a", "on", "c"], ['unexpected argument "c"']],
    [["a", "onn"], ['MODE: unknown word "onn" (did you mean "on"?): give on or off']],
    [["a", "--jsn"], ["unknown flag --jsn (did you mean --json?)"]],
    [["a", "--x\x1b"], ['unknown flag "--x\\u001b"']],
    [["a", "---"], ['bad flag syntax: "---"']],
    [["a", "-n"], ["--n: flag needs an argument, for example --n 20"]],
    [["a", "-n", "0"], ["--n: 0 is out of range, give 1 to 1000"]],
    [["a", "--json=maybe"], ['--json: "maybe" is neither true nor false']],
    [["a", "--timeout", "5"], ['--timeout: missing unit in "5", for example 5s']],
    [["--frce", "--message="], [
      "unknown flag --frce",
      "--message: the text is empty",
      "ID is missing",
    ]],
  ];
  for (const [args, errors] of table) {
    assertEquals(parseCommand(args, FLAGS, WORDS), { kind: "errors", errors }, args.join(" "));
  }
});

Deno.test("a command that cannot be understood exits with 2 and asks nobody", async () => {
  const table: [argv: string[], complaint: string][] = [
    [["show"], "liveroll: ROLL is missing"],
    [
      ["show", "last"],
      'liveroll: ROLL: "last" is not the number of a roll, see liveroll history',
    ],
    [["update", "--froce"], "liveroll: unknown flag --froce (did you mean --force?)"],
    [["maintenance"], "liveroll: on|off is missing: give on or off"],
    [
      ["pause", "--app", "../x"],
      'liveroll: --app: "../x" is not a name, give up to 64 letters, digits, dots and dashes, ' +
      "for example blog",
    ],
    [
      ["status", "--control-url", "host:80"],
      'liveroll: --control-url: "host:80" is not an address, give for example http://host:8090',
    ],
    [
      ["completions", "tcsh"],
      'liveroll: bash|zsh|fish: unknown word "tcsh" (did you mean "bash"?): give bash or zsh or fish',
    ],
  ];
  for (const [argv, complaint] of table) {
    const io = fakeIo();
    assertEquals(await main(argv, io), 2, argv.join(" "));
    assertEquals(io.complained, [complaint, `Run "liveroll help ${argv[0]}" for its options`]);
    assertEquals(io.printed, []);
  }
});

Deno.test("options that contradict each other are a matter of usage", async () => {
  const table: [argv: string[], complaint: string][] = [
    [["--app=a", "--state-dir=b"], "liveroll: give --state-dir or --app, not both"],
    [
      ["--control-token-file=t"],
      "liveroll: --control-token-file goes with --control-url: sockets need no token",
    ],
    [
      ["--control-url=http://h:1", "--control-token-file=t"],
      "liveroll: --control-token-file: cannot read t: No such file",
    ],
  ];
  for (const [flags, complaint] of table) {
    const io = fakeIo();
    assertEquals(await main(["status", ...flags], io), 2);
    assertEquals(io.complained, [complaint]);
  }
});

Deno.test("every command explains itself with --help", async () => {
  for (const name of ["status", "update", "ps", "completions"]) {
    const io = fakeIo();
    assertEquals(await main([name, "--help"], io), 0);
    assertEquals(io.printed[0]?.startsWith(`Usage: liveroll ${name}`), true);
    assertEquals(io.printed[0]?.includes("\n  130  Ctrl-C"), true);
  }
});

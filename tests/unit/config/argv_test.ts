import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readArgv } from "../../../src/config/argv.ts";
import { FLAGS, optionOf } from "../../../src/config/options.ts";
import { resolveOptions } from "../../../src/config/resolve.ts";

function values(args: readonly string[]): [flag: string, text: string][] {
  const { given, problems } = readArgv(args);
  assertEquals(problems, []);
  return given.map(({ flag, text }) => [flag, text]);
}

function problems(args: readonly string[]): string[] {
  return readArgv(args).problems.map(({ message }) => message);
}

Deno.test("readArgv() takes every spelling of Go's flag package", () => {
  const table: [args: string[], given: [string, string][]][] = [
    [["--port", "80"], [["port", "80"]]],
    [["--port=80"], [["port", "80"]]],
    [["-port", "80"], [["port", "80"]]],
    [["-port=80"], [["port", "80"]]],
    [["--port="], [["port", ""]]],
    [["--port", ""], [["port", ""]]],
    [["--exec", "-foo"], [["exec", "-foo"]]],
    [["--exec", "--port"], [["exec", "--port"]]],
    [["--exec", "--"], [["exec", "--"]]],
    [["--exec=a=b --c"], [["exec", "a=b --c"]]],
    [["--exec", "a\nb=c\n"], [["exec", "a\nb=c\n"]]],
    [["--exec=a\nb"], [["exec", "a\nb"]]],
    [["--exec", "007"], [["exec", "007"]]],
    [["--check"], [["check", "true"]]],
    [["-check=false"], [["check", "false"]]],
    [["--retry-unsafe", "--port", "80"], [["retry-unsafe", "true"], ["port", "80"]]],
    [["--Interval", "5s"], [["interval", "5s"]]],
    [["-Interval=5s"], [["interval", "5s"]]],
    [["-h"], [["help", "true"]]],
    [["--h"], [["help", "true"]]],
    [["--port", "80", "--"], [["port", "80"]]],
    [[], []],
  ];
  for (const [args, given] of table) assertEquals(values(args), given, args.join(" "));
});

Deno.test("readArgv() lets the last of several win, in the order of the winners", () => {
  assertEquals(values(["--port", "1", "--id", "x", "-port=2"]), [["id", "x"], ["port", "2"]]);
  assertEquals(values(["--interval", "1s", "--Interval", "2s"]), [["interval", "2s"]]);
  assertEquals(values(["--check", "--check=false"]), [["check", "false"]]);
});

Deno.test("readArgv() suggests the nearest flag only when one is near", () => {
  const table: [args: string[], message: string][] = [
    [["--intervall", "5s"], "unknown flag --intervall (did you mean --interval?)"],
    [["-prot", "5"], "unknown flag --prot (did you mean --port?)"],
    [["--Port", "5"], "unknown flag --Port (did you mean --port?)"],
    [["--drain=5s"], "unknown flag --drain"],
    [["--pul", "5"], "unknown flag --pul (did you mean --pull?)"],
    [["--zzz"], "unknown flag --zzz"],
    [["--a b=1"], 'unknown flag "--a b"'],
    [["--__proto__=1"], "unknown flag --__proto__"],
    [["--constructor", "1"], "unknown flag --constructor"],
    [["--no-check"], "unknown flag --no-check"],
    [["--port.x=1"], "unknown flag --port.x (did you mean --port?)"],
    [["-p80"], "unknown flag --p80"],
  ];
  for (const [args, message] of table) assertEquals(problems(args), [message], args.join(" "));
});

Deno.test("readArgv() names words that belong to no flag", () => {
  const table: [args: string[], message: string][] = [
    [["x"], 'unexpected argument "x"'],
    [["-"], 'unexpected argument "-"'],
    [[""], 'unexpected argument ""'],
    [["--", "--port", "80"], 'unexpected argument "--port"'],
    [
      ["--pull", "git", "pull"],
      'unexpected argument "pull" after "git"; quote a value that has spaces',
    ],
    [
      ["--check", "false"],
      'unexpected argument "false" after "--check"; quote a value that has spaces',
    ],
    [["---port", "80"], 'bad flag syntax: "---port"'],
    [["--=80"], 'bad flag syntax: "--=80"'],
    [["--port"], "--port: flag needs an argument, for example --port 8080"],
    [["--pull"], "--pull: flag needs an argument, for example --pull CMD"],
  ];
  for (const [args, message] of table) assertEquals(problems(args)[0], message, args.join(" "));
});

Deno.test("readArgv() goes on after an unknown flag and its value", () => {
  const { given, problems } = readArgv(["--intervall", "5s", "--port", "80", "--chek", "--idd=x"]);
  assertEquals(given.map(({ flag }) => flag), ["port"]);
  assertEquals(problems.length, 3);
});

Deno.test("readArgv() never fails, whatever it is given", () => {
  const flagLike = fc.constantFrom(...FLAGS).chain((flag) =>
    fc.constantFrom(`--${flag}`, `-${flag}`, `--${flag}=`, `--${flag}=1s`, `---${flag}`)
  );
  const arg = fc.oneof(
    fc.string({ unit: "binary" }),
    flagLike,
    fc.constantFrom("-", "--", "", "="),
  );
  fc.assert(fc.property(fc.array(arg), (args) => {
    const resolution = resolveOptions({ args, env: {}, readFile: () => "" });
    assertEquals(typeof resolution.kind, "string");
  }));
});

Deno.test("readArgv() gives back every value unchanged in all four spellings", () => {
  const flags = FLAGS.filter((flag) => !("isSwitch" in optionOf(flag).kind));
  const flag = fc.constantFrom(...flags);
  fc.assert(fc.property(flag, fc.string({ unit: "binary" }), (flag, text) => {
    const spellings = [[`--${flag}`, text], [`-${flag}`, text], [`--${flag}=${text}`], [
      `-${flag}=${text}`,
    ]];
    for (const args of spellings) assertEquals(values(args), [[flag, text]]);
  }));
});

import { assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import { FLAGS } from "../../../src/config/options.ts";
import { needs, program } from "../../helpers/skip.ts";
import { fakeIo } from "./fake_io.ts";

/** What a shell prints; what it complains about is a failure. */
async function shell(command: string, args: string[], script: string): Promise<string[]> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, script);
    const { stdout, stderr } = await new Deno.Command("timeout", {
      args: ["20", command, ...args, file],
      env: { HOME: "/nonexistent", TERM: "dumb" },
      stdin: "null",
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
  } finally {
    await Deno.remove(file);
  }
}

async function scriptFor(name: string): Promise<string> {
  const io = fakeIo();
  assertEquals(await main(["completions", name], io), 0);
  return io.printed.join("\n") + "\n";
}

const CASES: readonly [words: string[], offered: string[]][] = [
  [["st"], ["status", "stop"]],
  [["maintenance", "o"], ["off", "on"]],
  [["completions", ""], ["bash", "fish", "zsh"]],
  [["help", "ro"], ["rollback"]],
  [["update", "--fo"], ["--force"]],
  [["update", "v1", "--fo"], ["--force"]],
  [["logs", "--fol"], ["--follow"]],
  [["run", "--healthcheck-do-not-exist"], []],
  [["run", "--drain-t"], ["--drain-timeout"]],
  [["--drain-t"], ["--drain-timeout"]],
  [["run", "--strategy", ""], ["blue-green", "recreate"]],
  [["--strategy", "r"], ["recreate"]],
];

Deno.test({
  name: "bash completes commands, words, flags and their values",
  ...needs(program("bash")),
  async fn() {
    const script = await scriptFor("bash");
    for (const [words, offered] of CASES) {
      const printed = await shell(
        "bash",
        ["--norc"],
        `${script}
        COMP_WORDS=(liveroll ${words.map((word) => `'${word}'`).join(" ")})
        COMP_CWORD=${words.length}
        _liveroll
        printf '%s\\n' "\${COMPREPLY[@]}"`,
      );
      assertEquals(printed.toSorted(), offered, words.join(" "));
    }
    const files = await shell(
      "bash",
      ["--norc"],
      `${script}
      cd /proc/self; COMP_WORDS=(liveroll run --config statu); COMP_CWORD=3
      _liveroll
      printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    assertEquals(files, ["status"]);
    const registered = await shell("bash", ["--norc"], `${script}complete -p liveroll`);
    assertEquals(registered, ["complete -F _liveroll liveroll"]);
  },
});

Deno.test({
  name: "fish completes commands, words, flags and their values",
  ...needs(program("fish")),
  async fn() {
    const script = await scriptFor("fish");
    for (const [words, offered] of CASES) {
      const line = ["liveroll", ...words].join(" ");
      const printed = await shell("fish", ["--no-config"], `${script}complete -C '${line}'`);
      const names = printed.map((row) => row.split("\t")[0] ?? "");
      assertEquals(names.toSorted(), offered, line);
    }
  },
});

Deno.test({
  name: "zsh completes commands, words, flags and their values",
  ...needs(program("zsh")),
  async fn() {
    const script = await scriptFor("zsh");
    const offers = await zshOffers(script, CASES.map(([words]) => words));
    for (const [index, [words, offered]] of CASES.entries()) {
      assertEquals(offers[index], offered, words.join(" "));
    }
  },
});

/** Completes every line in one terminal: zsh does it nowhere else. */
async function zshOffers(
  script: string,
  lines: readonly (readonly string[])[],
): Promise<string[][]> {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/_liveroll`, script);
    await Deno.writeTextFile(`${directory}/.zshrc`, zshInit(directory));
    const typed = lines.map((words) => ["liveroll", ...words].join(" "));
    const printed = await shell("zsh", ["-f"], zshDriver(directory, typed));
    return printed.join("\n").split(END).slice(0, -1)
      .map((offered) => [...new Set(offered.split("\n"))].filter((word) => word !== "").toSorted());
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const END = "-- end --";

/** Writes down what would be offered where all of it ends: in `compadd`. */
function zshInit(directory: string): string {
  return `PS1=
unsetopt zle_bracketed_paste 2>/dev/null
fpath=(${directory} $fpath)
autoload -Uz compinit; compinit -u -D
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return $?; fi
  local -a found
  builtin compadd -O found "$@"
  print -l -- $found >> ${directory}/offered
}
finish() { print -- '${END}' >> ${directory}/offered; BUFFER= }
zle -N finish
bindkey '^D' finish
bindkey '^I' complete-word
zle-line-init() { print ready >> ${directory}/ready }
zle -N zle-line-init
`;
}

function zshDriver(directory: string, lines: readonly string[]): string {
  const wait = (ends: number) =>
    `for i in {1..200}; do
  [[ $(grep -c -e '${END}' ${directory}/offered) == ${ends} ]] && break
  sleep 0.01
  zpty -r -t z seen 2>/dev/null
done`;
  return `zmodload zsh/zpty
: > ${directory}/offered
export ZDOTDIR=${directory}
zpty z zsh -d -i
for i in {1..500}; do
  [[ -s ${directory}/ready ]] && break
  sleep 0.01
  zpty -r -t z seen 2>/dev/null
done
${lines.map((line, index) => `zpty -w -n z $'${line}\\t\\x04'\n${wait(index + 1)}`).join("\n")}
zpty -d z
cat ${directory}/offered
`;
}

Deno.test("every flag of run is in every script", async () => {
  for (const [name, spelling] of [["bash", "--"], ["zsh", "--"], ["fish", "-l "]] as const) {
    const script = await scriptFor(name);
    for (const flag of FLAGS) assertStringIncludes(script, `${spelling}${flag}`);
  }
});

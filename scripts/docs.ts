/**
 * Writes docs/options.md from the table of options. With `--conformance`, runs the conformance
 * tests instead and writes the table in docs/proxy.md; exits with 1 when a test failed.
 *
 * @module
 */
import { PROXY_ENGINES } from "../src/config/config.ts";
import { enginesWith } from "../src/config/engine_rules.ts";
import { environmentName } from "../src/config/environment.ts";
import { GROUPS } from "../src/config/option.ts";
import { type Flag, FLAGS, optionOf } from "../src/config/options.ts";
import { TEMPLATES } from "../src/config/templates.ts";
import { runConformance } from "./docs/conformance_run.ts";
import { conformanceTable, withTable } from "./docs/conformance_table.ts";

const TARGET = new URL("../docs/options.md", import.meta.url);
const PROXY = new URL("../docs/proxy.md", import.meta.url);

const INTRODUCTION = `\
# Options

<!-- Written by \`deno task docs\` from src/config/options.ts; do not edit. -->

Each option can be given as a flag, as an environment variable or as a key of a YAML file
(\`--config blog.yaml\`). A flag wins over the environment, the environment over the file, the file
over the default. \`liveroll --check\` with the same options prints the effective values and where
each comes from, and starts nothing.

- Flags have one dash or two, \`--port 80\` or \`--port=80\`. Of a repeated flag the last one counts. A
  flag without a value (\`--retry-unsafe\`) can be switched off: \`--retry-unsafe=false\`.
- ${repeatedList()} may be given several times, and all
  of them count. Their variables have one value on each line; in a file they may be YAML lists.
- TIME is written as in Go: \`500ms\`, \`10s\`, \`1m30s\`, \`1.5h\`, at most \`500h\`.
- SIZE is a number of bytes: \`512\`, \`64k\`, \`1m\`, \`1g\`, in powers of 1024.
- Lists have commas; in a file they may also be YAML lists: \`retry-status: [502, 503]\`. A lone dash
  is quoted there: \`access-log: "-"\`.
- An option that the engine in use cannot heed is refused, even with its default value.
- An empty environment variable counts as unset.
- Commands are run by \`sh -c\`. In \`--exec\` and \`--stop\`, ${templateList()} are replaced.
- If \`LIVEROLL_INSTANCE\` is set, this liveroll is itself a child of another one. Then \`LIVEROLL_ID\`,
  \`LIVEROLL_PORT\` and \`LIVEROLL_HEALTHCHECK\` are what that one tells its child, and set no options
  here.
- Whatever is wrong is reported at once, with exit code 2, before anything is started.
`;

/** The text of docs/options.md. */
export function optionsMarkdown(): string {
  const sections = GROUPS.map((group) => {
    const flags = FLAGS.filter((flag) => optionOf(flag).group === group);
    return [
      `## ${group}`,
      "",
      "| Flag | Environment | Config key | Default | Meaning |",
      "| --- | --- | --- | --- | --- |",
      ...flags.map(row),
      "",
    ].join("\n");
  });
  return [INTRODUCTION, ...sections].join("\n");
}

function row(flag: Flag): string {
  const { kind, only: place, help, remark } = optionOf(flag);
  const engines = enginesWith(flag);
  const only = engines.length < PROXY_ENGINES.length
    ? `; only with --engine ${engines.join(" or ")}`
    : "";
  const meaning = help + (remark === undefined ? "" : `; ${remark}`) + only;
  const cells = [
    code(`--${flag}${kind.isSwitch ? "" : ` ${kind.placeholder}`}`),
    place === "flag" ? "–" : code(environmentName(flag)),
    place === undefined ? code(flag) : "–",
    defaultCell(flag),
    meaning.replaceAll("<", "\\<").replaceAll("|", "\\|"),
  ];
  return `| ${cells.join(" | ")} |`;
}

function defaultCell(flag: Flag): string {
  const option = optionOf(flag);
  if (option.required) return "required";
  return option.default ? code(option.default) : "none";
}

/** A bar ends a table cell even inside code. */
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function templateList(): string {
  return listOf(TEMPLATES.map((name) => `<<${name}>>`));
}

function repeatedList(): string {
  return listOf(FLAGS.filter((flag) => optionOf(flag).kind.isRepeated).map((flag) => `--${flag}`));
}

function listOf(words: readonly string[]): string {
  const [last = "", ...others] = words.map((word) => `\`${word}\``).toReversed();
  return `${others.toReversed().join(", ")} and ${last}`;
}

/** Runs the conformance tests and writes what they came to. @returns Whether all of them passed. */
async function writeConformance(): Promise<boolean> {
  const { tests, failed, failures } = await runConformance();
  const markdown = await Deno.readTextFile(PROXY);
  await Deno.writeTextFile(PROXY, withTable(markdown, conformanceTable(failures)));
  for (const name of failed) console.error(`FAILED ${name}`);
  console.log(`${tests - failed.length} of ${tests} conformance tests passed`);
  return failed.length === 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--conformance")) return await writeConformance() ? 0 : 1;
  await Deno.writeTextFile(TARGET, optionsMarkdown());
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

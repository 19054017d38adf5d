/**
 * Writes docs/options.md from the table of options.
 *
 * @module
 */
import { environmentName } from "../src/config/environment.ts";
import { GROUPS } from "../src/config/option.ts";
import { type Flag, FLAGS, optionOf } from "../src/config/options.ts";
import { TEMPLATES } from "../src/config/templates.ts";

const TARGET = new URL("../docs/options.md", import.meta.url);

const INTRODUCTION = `\
# Options

<!-- Written by \`deno task docs\` from src/config/options.ts; do not edit. -->

Each option can be given as a flag, as an environment variable or as a key of a YAML file
(\`--config blog.yaml\`). A flag wins over the environment, the environment over the file, the file
over the default. \`liveroll --check\` with the same options prints the effective values and where
each comes from, and starts nothing.

- Flags have one dash or two, \`--port 80\` or \`--port=80\`. Of a repeated flag the last one counts. A
  flag without a value (\`--retry-unsafe\`) can be switched off: \`--retry-unsafe=false\`.
- TIME is written as in Go: \`500ms\`, \`10s\`, \`1m30s\`, \`1.5h\`, at most \`500h\`.
- Lists have commas; in a file they may also be YAML lists: \`retry-status: [502, 503]\`.
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
  const { kind, only, help, remark } = optionOf(flag);
  const meaning = help + (remark === undefined ? "" : `; ${remark}`);
  const cells = [
    code(`--${flag}${kind.isSwitch ? "" : ` ${kind.placeholder}`}`),
    only === "flag" ? "–" : code(environmentName(flag)),
    only === undefined ? code(flag) : "–",
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
  const [last = "", ...others] = TEMPLATES.map((name) => `\`<<${name}>>\``).toReversed();
  return `${others.toReversed().join(", ")} and ${last}`;
}

if (import.meta.main) await Deno.writeTextFile(TARGET, optionsMarkdown());

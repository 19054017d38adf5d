import type { CompletedCommand, CompletedFlag } from "../completions.ts";

const NO_VERB = "__fish_use_subcommand";

/** A script for fish. */
export function fish(commands: readonly CompletedCommand[]): string {
  return [
    "# fish completion for liveroll",
    "complete -c liveroll -f",
    ...commands.map(({ name, summary }) =>
      `complete -c liveroll -n ${NO_VERB} -a ${name} -d ${quoted(summary)}`
    ),
    ...commands.flatMap(commandLines),
  ].join("\n");
}

function commandLines({ name, words, flags }: CompletedCommand): string[] {
  const seen = quoted(`__fish_seen_subcommand_from ${name}`);
  const choice = words.length === 0
    ? []
    : [`complete -c liveroll -n ${seen} -a ${quoted(words.join(" "))}`];
  // Without a verb the flags are those of run.
  const conditions = name === "run" ? [seen, NO_VERB] : [seen];
  return [
    ...choice,
    ...conditions.flatMap((condition) =>
      flags.map((flag) => `complete -c liveroll -n ${condition} ${flagText(flag)}`)
    ),
  ];
}

function flagText({ spellings, help, value }: CompletedFlag): string {
  const names = spellings.map((spelling) =>
    spelling.startsWith("--") ? `-l ${spelling.slice(2)}` : `-s ${spelling.slice(1)}`
  );
  return [...names, ...valueText(value), `-d ${quoted(help)}`].join(" ");
}

function valueText(value: CompletedFlag["value"]): string[] {
  switch (value.kind) {
    case "none":
      return [];
    case "file":
      return ["-r", "-F"];
    case "directory":
      return ["-x", "-a '(__fish_complete_directories)'"];
    case "words":
      return ["-x", `-a ${quoted(value.words.join(" "))}`];
    case "any":
      return ["-x"];
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

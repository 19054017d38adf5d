import type { CompletedCommand, CompletedFlag } from "../completions.ts";

/** A script for zsh. */
export function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef liveroll
_liveroll() {
  local -a verbs
  verbs=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  local verb=run
  if ((CURRENT == 2)) && [[ $PREFIX != -* ]]; then
    _describe command verbs
    return
  fi
  if [[ $words[2] != -* ]]; then
    verb=$words[2]
    shift words
    ((CURRENT--))
  fi
  case $verb in
${commands.map(commandCase).join("\n")}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _liveroll "$@"
else
  compdef _liveroll liveroll
fi`;
}

function commandCase({ name, words, flags }: CompletedCommand): string {
  const rows = [
    ...flags.map(flagRow),
    ...words.length === 0 ? [] : [quoted(`1:word:(${words.join(" ")})`)],
    // Without this, nothing is completed after a word that may be anything.
    quoted("*:word: "),
  ];
  return `    ${name}) _arguments \\\n${rows.map((row) => `      ${row}`).join(" \\\n")} ;;`;
}

function flagRow({ spellings, help, value }: CompletedFlag): string {
  const text = `[${help.replace(/[\\[\]:]/g, "\\$&")}]${action(value)}`;
  if (spellings.length === 1) return quoted(`${spellings[0]}${text}`);
  return `${quoted(`(${spellings.join(" ")})`)}{${spellings.join(",")}}${quoted(text)}`;
}

function action(value: CompletedFlag["value"]): string {
  switch (value.kind) {
    case "none":
      return "";
    case "file":
      return ":file:_files";
    case "directory":
      return ":directory:_files -/";
    case "words":
      return `:word:(${value.words.join(" ")})`;
    case "any":
      return ":value: ";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

import type { CompletedCommand, CompletedFlag } from "../completions.ts";

/** A script for bash, without help of the package bash-completion. */
export function bash(commands: readonly CompletedCommand[]): string {
  return `# bash completion for liveroll
_liveroll() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb=run index=1
  COMPREPLY=()
  if ((COMP_CWORD == 1)) && [[ $word != -* ]]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(" ")}' -- "$word"))
    return
  fi
  [[ \${COMP_WORDS[1]} == -* ]] || { verb=\${COMP_WORDS[1]}; index=2; }
  case "$verb $before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $verb in
${commands.map((command) => commandCase(command)).join("\n")}
  esac
}
complete -F _liveroll liveroll`;
}

function valueCases({ name, flags }: CompletedCommand): string[] {
  return flags.flatMap((flag) => {
    const action = valueAction(flag);
    const patterns = flag.spellings.map((spelling) => `'${name} ${spelling}'`).join("|");
    return action === null ? [] : `    ${patterns}) ${action} return ;;`;
  });
}

function valueAction({ value }: CompletedFlag): string | null {
  switch (value.kind) {
    case "none":
      return null;
    case "file":
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word"));';
    case "directory":
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word"));';
    case "words":
      return `COMPREPLY=($(compgen -W '${value.words.join(" ")}' -- "$word"));`;
    case "any":
      return "";
  }
}

function commandCase({ name, words, flags }: CompletedCommand): string {
  const spellings = flags.flatMap((flag) => flag.spellings).join(" ");
  const reply = (list: string) => `COMPREPLY=($(compgen -W '${list}' -- "$word"))`;
  const flagsReply = `      ${spellings === "" ? ":" : reply(spellings)}`;
  if (words.length === 0) return `    ${name})\n${flagsReply} ;;`;
  return `    ${name})
      if ((COMP_CWORD == index)) && [[ $word != -* ]]; then ${reply(words.join(" "))}; return; fi
${flagsReply} ;;`;
}

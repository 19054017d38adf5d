/** A word of a shell command whose meaning is the same behind `exec`. */
const WORD = String
  .raw`(?:[\w./:=,@%+~^-]|\$\w+|\$\{\w+\}|'[^']*'|"(?:[^"$${"`"}\\]|\$\w+|\$\{\w+\})*")+`;
const SIMPLE = new RegExp(String.raw`^\s*(${WORD})(?:[ \t]+${WORD})*\s*$`);

/** What a shell does itself, and so cannot become. */
const OF_THE_SHELL = new Set(
  (". : [ alias bg break case cd command continue do done echo elif else esac eval exec exit " +
    "export false fg fi for getopts hash if jobs kill local printf pwd read readonly return set " +
    "shift source test then time times trap true type ulimit umask unalias unset until wait while")
    .split(" "),
);

/**
 * The command with an `exec` in front of it, if it is nothing but a program and its arguments: the
 * shell then becomes the program, and both have the same process id. Anything else stays as it is.
 */
export function become(command: string): string {
  const [, first] = SIMPLE.exec(command) ?? [];
  if (first === undefined || first.includes("=") || OF_THE_SHELL.has(first)) return command;
  return `exec ${command.trim()}`;
}

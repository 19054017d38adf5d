/** Values that stand for the templates of a command. */
export interface TemplateValues {
  port: number;
  healthcheck: string;
  id: string;
}

/** A part of a command that the shell reads by rules of its own. */
type Context = "plain" | "single" | "double" | "backquote" | "braces";

const TEMPLATE = /^<<(PORT|HEALTHCHECK|ID)>>/;

/** Text that means itself in every context of a shell command. */
const HARMLESS = /^[A-Za-z0-9_.:@%+,/][A-Za-z0-9_.:@%+,/-]*$/;

/**
 * Expands `<<PORT>>`, `<<HEALTHCHECK>>` and `<<ID>>` in a shell command.
 *
 * The id comes from outside and is never part of the command's text unless every character of it
 * is harmless: otherwise `<<ID>>` becomes a reference to the variable `LIVEROLL_ID`, quoted as its
 * place in the command requires (bare, in single quotes, in double quotes, in a substitution). A
 * shell never runs what a variable holds, so that even a place that is misjudged runs nothing.
 * The command must therefore be run with `LIVEROLL_ID` in its environment.
 *
 * Out of reach is what interprets its arguments again (`ssh host "app <<ID>>"`, `eval`,
 * arithmetic): whoever hands the id to a second shell quotes it for that one. In a here-document, an id that is not harmless keeps its
 * quotes.
 */
export function expandTemplates(
  command: string,
  values: TemplateValues,
): string {
  const reader = new QuoteReader();
  let expanded = "";
  for (let at = 0; at < command.length;) {
    const template = TEMPLATE.exec(
      command.slice(at, at + "<<HEALTHCHECK>>".length),
    );
    if (template === null) {
      const character = command[at++]!;
      reader.read(character, command[at]);
      expanded += character;
      continue;
    }
    at += template[0].length;
    if (template[1] === "PORT") expanded += values.port;
    else if (template[1] === "HEALTHCHECK") expanded += values.healthcheck;
    else {expanded = withId(expanded, {
        id: values.id,
        next: command[at] ?? "",
        reader,
      });}
    reader.endWord();
  }
  return expanded;
}

function withId(
  before: string,
  { id, next, reader }: { id: string; next: string; reader: QuoteReader },
): string {
  // A number in front of a redirection would name a file descriptor.
  if (HARMLESS.test(id) && !/[<>]/.test(next)) return before + id;
  if (reader.context === "single") return `${before}'"\${LIVEROLL_ID}"'`;
  if (reader.isQuoted) {
    // Within double quotes a backslash before a template means itself.
    return before + (reader.isEscaped ? "\\" : "") + "${LIVEROLL_ID}";
  }
  return (reader.isEscaped ? before.slice(0, -1) : before) + '"${LIVEROLL_ID}"';
}

/** Follows the quoting rules of a POSIX shell, character by character. */
class QuoteReader {
  readonly #contexts: Context[] = ["plain"];
  /** Open `(` of each `$(` that is being read. */
  readonly #parentheses: number[] = [0];
  #isEscaped = false;
  #isComment = false;
  #startsWord = true;
  #previous = "";

  get context(): Context {
    return this.#contexts.at(-1)!;
  }

  /** Whether the next character comes after a backslash that quotes it. */
  get isEscaped(): boolean {
    return this.#isEscaped;
  }

  /** Whether double quotes are open here. */
  get isQuoted(): boolean {
    const outside = this.#contexts.findLast((context) => context !== "braces");
    return outside === "double";
  }

  /** Tells that a template stood here. */
  endWord(): void {
    this.#isEscaped = false;
    this.#startsWord = false;
    this.#previous = "";
  }

  read(character: string, next: string | undefined): void {
    const wasEscaped = this.#isEscaped;
    this.#isEscaped = false;
    if (this.#isComment) this.#isComment = character !== "\n";
    else if (!wasEscaped) this.#interpret(character, next);
    this.#startsWord = !wasEscaped && /[\s;&|(]/.test(character);
    this.#previous = character;
  }

  #interpret(character: string, next: string | undefined): void {
    const context = this.context;
    if (context === "single") {
      if (character === "'") this.#contexts.pop();
      return;
    }
    if (character === "\\") {
      this.#isEscaped = true;
    } else if (character === '"') {
      this.#toggle("double");
    } else if (character === "`") {
      this.#toggle("backquote");
    } else if (character === "'" && !this.isQuoted) {
      this.#contexts.push("single");
    } else if (character === "#" && this.#startsWord && !this.isQuoted) {
      this.#isComment = true;
    } else {
      this.#nest(character, next);
    }
  }

  #toggle(context: Context): void {
    if (this.context === context) this.#contexts.pop();
    else this.#contexts.push(context);
  }

  #nest(character: string, next: string | undefined): void {
    const isPlain = this.context === "plain";
    if (character === "{" && this.#previous === "$") {
      this.#contexts.push("braces");
    } else if (character === "}" && this.context === "braces") {
      this.#contexts.pop();
    } else if (character === "$" && next === "(") this.#enter();
    else if (character === "(" && isPlain) this.#countParenthesis(1);
    else if (character === ")" && isPlain) this.#countParenthesis(-1);
  }

  #enter(): void {
    this.#contexts.push("plain");
    this.#parentheses.push(0);
  }

  #countParenthesis(change: 1 | -1): void {
    const open = this.#parentheses.pop()! + change;
    if (open > 0 || this.#parentheses.length === 0) {
      this.#parentheses.push(Math.max(open, 0));
    } else this.#contexts.pop();
  }
}

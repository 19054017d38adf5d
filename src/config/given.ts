import { type Flag, FLAGS } from "./options.ts";

/** Where a value comes from. */
export type Origin =
  | { readonly from: "flag" }
  | { readonly from: "environment"; readonly name: string }
  | { readonly from: "file"; readonly path: string; readonly line: number | null }
  | { readonly from: "default" };

/** A value as somebody wrote it. */
export interface Given {
  readonly flag: Flag;
  readonly text: string;
  readonly origin: Origin;
}

/** Something wrong with the input; `flag` is null if no known option is concerned. */
export interface Problem {
  readonly flag: Flag | null;
  readonly message: string;
}

/** What one place (arguments, environment, file) contributes. */
export interface Contribution {
  /** In the order of writing; a flag appears once. */
  readonly given: readonly Given[];
  readonly problems: readonly Problem[];
  /** Options that were probably meant by something unreadable, so that nobody calls them missing. */
  readonly meant: readonly Flag[];
}

/** Begins a message about a value: `--port`, `--port (from LIVEROLL_PORT)`, `a.yaml:7: port`. */
export function blame(flag: Flag, origin: Origin): string {
  switch (origin.from) {
    case "file":
      return `${place(origin.path, origin.line)}: ${flag}`;
    case "environment":
      return `--${flag} (from ${origin.name})`;
    default:
      return `--${flag}`;
  }
}

/** Names an origin for people. */
export function describeOrigin(origin: Origin): string {
  switch (origin.from) {
    case "file":
      return place(origin.path, origin.line);
    case "environment":
      return origin.name;
    default:
      return origin.from;
  }
}

/** `blog.yaml:7`, or `blog.yaml` if the line is not known. */
export function place(path: string, line: number | null): string {
  return line === null ? path : `${path}:${line}`;
}

/** The messages in the order of the table; what concerns no option comes first. */
export function sortedMessages(problems: readonly Problem[]): string[] {
  const rank = ({ flag }: Problem) => flag === null ? -1 : FLAGS.indexOf(flag);
  return problems.toSorted((a, b) => rank(a) - rank(b)).map(({ message }) => message);
}

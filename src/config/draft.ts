import { blame, type Origin, type Problem } from "./given.ts";
import { type Flag, optionOf, type Values } from "./options.ts";

/** What could be read, and where from. */
export interface Draft {
  readonly values: Partial<Values>;
  readonly origins: Readonly<Record<Flag, Origin>>;
}

/** Whether somebody asks for it: a switch that is off asks for nothing. */
export function isAskedFor({ values, origins }: Draft, flag: Flag): boolean {
  const isOff = optionOf(flag).kind.isSwitch && values[flag] === false;
  return origins[flag].from !== "default" && !isOff;
}

/** Whether an engine starts what runs: containers of an image, or services of a compose file. */
export function isContained(draft: Draft): boolean {
  return isAskedFor(draft, "image") || isAskedFor(draft, "compose-file");
}

/** Something wrong with the value of `flag`. */
export function problemWith({ origins }: Draft, flag: Flag, complaint: string): Problem {
  return { flag, message: `${blame(flag, origins[flag])}: ${complaint}` };
}

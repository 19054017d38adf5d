import { didYouMean } from "../values/suggestion.ts";

/** Names that commands for a child may use as `<<NAME>>`. */
export const TEMPLATES = ["PORT", "HEALTHCHECK", "ID"] as const;

/** One complaint for each `<<NAME>>` in `command` that nobody would fill in. */
export function unknownTemplates(
  command: string,
  fillable: readonly string[] = TEMPLATES,
): string[] {
  const names = new Set([...command.matchAll(/<<(\w+)>>/g)].map(([, name]) => name ?? ""));
  const known = fillable.map((name) => `<<${name}>>`).join(", ");
  return [...names].filter((name) => !fillable.includes(name))
    .map((name) => `unknown template <<${name}>>${didYouMean(name, fillable)}: known are ${known}`);
}

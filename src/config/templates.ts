import { didYouMean } from "./suggestion.ts";

/** Names that `--exec` and `--stop` may use as `<<NAME>>`. */
export const TEMPLATES = ["PORT", "HEALTHCHECK", "ID"] as const;

/** One complaint for each `<<NAME>>` in `command` that nobody would fill in. */
export function unknownTemplates(command: string): string[] {
  const names = new Set([...command.matchAll(/<<(\w+)>>/g)].map(([, name]) => name ?? ""));
  const known = TEMPLATES.map((name) => `<<${name}>>`).join(", ");
  return [...names].filter((name) => !TEMPLATES.some((template) => template === name))
    .map((name) =>
      `unknown template <<${name}>>${didYouMean(name, TEMPLATES)}: known are ${known}`
    );
}

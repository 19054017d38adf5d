import type { Config } from "../config/config.ts";

/** Commands that a unit can run. */
export const UNIT_VERBS = ["run", "server", "assets", "container", "compose"] as const;

/** One of {@linkcode UNIT_VERBS}. */
export type UnitVerb = (typeof UNIT_VERBS)[number];

/** The command that people run with such a configuration. */
export function unitVerb({ subject, container, compose }: Config): UnitVerb {
  if (subject === "assets") return "assets";
  if (container !== null) return "container";
  return compose === null ? "run" : "compose";
}

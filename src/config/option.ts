import type { Kind } from "../values/kinds.ts";

/** Headings of the help, in order. */
export const GROUPS = [
  "Commands",
  "Updates",
  "Releases",
  "Containers",
  "Compose",
  "Data",
  "Hooks",
  "Addresses",
  "Health",
  "Stopping",
  "Requests",
  "Clients",
  "Control",
  "Logs",
  "General",
] as const;

/** One row of the table of options; its key is the flag without dashes. */
export interface Option {
  readonly group: (typeof GROUPS)[number];
  readonly kind: Kind<unknown>;
  /** As a user would write it; null: none. */
  readonly default: string | null;
  /** Flags that take its place make it optional. */
  readonly required?: true | { readonly unless: readonly string[] };
  /** What it does, in few words. */
  readonly help: string;
  /** What else one should know. */
  readonly remark?: string;
  /** Further spellings, not shown. */
  readonly aliases?: readonly string[];
  /** Where it may be given; everywhere if absent. */
  readonly only?: "flag" | "flag or environment";
}

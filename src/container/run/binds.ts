import { resolve } from "node:path";
import { quote } from "../../values/kinds.ts";
import type { Draft } from "./draft.ts";
import { parseTarget } from "./values.ts";

const ACCESS: readonly string[] = ["rw", "ro"];
const MODES: readonly string[] = [
  ...ACCESS,
  "z",
  "Z",
  "nocopy",
  "shared",
  "rshared",
  "slave",
  "rslave",
  "private",
  "rprivate",
  // For Docker Desktop only, and without meaning here.
  "consistent",
  "cached",
  "delegated",
];
const VOLUME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Takes `[SOURCE:]TARGET[:MODE,…]`; a source is a path, or the name of a volume. */
export function addBind(draft: Draft, text: string): void {
  const parts = text.split(":");
  if (parts.length === 1) {
    draft.anonymous[parseTarget(text)] = {};
    return;
  }
  const [source = "", target = "", mode] = parts;
  const modes = mode?.split(",") ?? [];
  const strange = modes.find((one) => !MODES.includes(one));
  if (parts.length > 3 || strange !== undefined) {
    throw new SyntaxError(`${quote(text)} is not SOURCE:TARGET[:ro]`);
  }
  if (modes.filter((one) => ACCESS.includes(one)).length > 1) {
    throw new SyntaxError(`${quote(text)} is both read-only and writable`);
  }
  const suffix = mode === undefined ? "" : `:${mode}`;
  draft.add("Binds", `${sourceOf(draft, source)}:${parseTarget(target)}${suffix}`);
}

/** A path from the root, or the name of a volume. */
export function sourceOf({ context: { cwd } }: Draft, source: string): string {
  if (/^\.{0,2}\//.test(source) || source === "." || source === "..") return resolve(cwd, source);
  if (VOLUME.test(source)) return source;
  throw new SyntaxError(
    `${quote(source)} is neither a path nor the name of a volume: give /PATH, ./PATH or ` +
      "letters, digits, dots, dashes and underscores",
  );
}

import { type Kind, quote } from "../values/kinds.ts";

/** How data is saved before it is changed. */
export type SnapshotKind =
  /** All writable volumes and directories of the application, by copy. */
  | { readonly kind: "volumes" }
  /** What a command of the operator prints. */
  | { readonly kind: "command"; readonly command: string };

const PREFIX = "command:";

/** `volumes` or `command:CMD`. */
export const snapshot: Kind<SnapshotKind> = {
  placeholder: "volumes|command:CMD",
  parse(text) {
    if (text === "volumes") return { kind: "volumes" };
    const command = text.startsWith(PREFIX) ? text.slice(PREFIX.length).trim() : "";
    if (command !== "") return { kind: "command", command };
    throw new SyntaxError(`${quote(text)} is neither volumes nor command:CMD`);
  },
};

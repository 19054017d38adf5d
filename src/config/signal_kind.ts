import { type Kind, quote } from "../values/kinds.ts";

/** Signals that ask a program to end, each used so by some widespread server. */
const SIGNALS = ["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "WINCH"] as const;

/** A signal that asks a child to end, with or without `SIG`. */
export const stopSignal: Kind<Deno.Signal> = {
  placeholder: "SIGNAL",
  parse(text) {
    const name = text.toUpperCase().replace(/^SIG/, "");
    if (name === "KILL" || name === "STOP") {
      throw new RangeError(
        `${quote(text)} lets no child end in order, give TERM; KILL follows after --stop-timeout`,
      );
    }
    const known = SIGNALS.find((signal) => signal === name);
    if (known !== undefined) return `SIG${known}`;
    throw new SyntaxError(`unknown signal ${quote(text)}: give one of ${SIGNALS.join(", ")}`);
  },
};

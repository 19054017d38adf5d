/**
 * How one version of the toy app behaves; the same JSON is understood by the Deno, the Python and
 * the Node app. Everything is optional; the empty object is a good version.
 */
export interface Behaviour {
  health?: HealthBehaviour;
  /** Milliseconds between the start of the process and its listening. */
  startDelayMs?: number;
  /** Exit with this code before listening. */
  crash?: { code: number; lastWords: string[]; afterMs?: number };
  /** Exit by itself so long after listening. */
  exitAfterMs?: number;
  onTerm?: TermBehaviour;
  /** How long it goes on serving after TERM, before it begins to drain. */
  termDelayMs?: number;
  /** Starts a process that outlives the app, in its own `group` or in a new `session`. */
  offspring?: "group" | "session";
  /** Starts a process that is no part of the app any more and listens on this port for `ms`. */
  steal?: { port: number; ms: number };
  /** Listens on these ports too. */
  alsoBind?: number[];
  /** Listens on this port instead of its own. */
  bindInstead?: number;
  /** Prints this many lines of this length at its start. */
  flood?: { lines: number; length: number };
}

/** The answers to health checks. */
export interface HealthBehaviour {
  /** @default {200} */
  status?: number;
  /** So many answers are 500 first. */
  failFirst?: number;
  /** So many probes are never answered first; -1 means all. */
  hangFirst?: number;
  /** Probes whose Host is another one get 421. */
  onlyHost?: string;
  /** Answers 302 to this path. */
  redirectTo?: string;
  /** Exits so many milliseconds after its first good answer. */
  exitAfterMs?: number;
}

/**
 * `drain`: stop accepting, finish what is in flight, exit 0. `ignore`: go on as if nothing
 * happened. `default`: no handler, the signal itself ends the process.
 */
export type TermBehaviour = "drain" | "ignore" | "default";

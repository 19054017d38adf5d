import type { Home } from "./home.ts";
import type { Behaviour, ToyLanguage } from "./toy.ts";

/** Short limits, so that tests of limits end soon. */
export const DEFAULT_FLAGS = {
  pull: "true",
  interval: "1h",
  // A roll is over with its switch; tests of what comes after it say so.
  "min-healthy": "0s",
  host: "127.0.0.1",
  healthcheck: "/healthz",
  "health-interval": "20ms",
  "health-timeout": "15s",
  "stop-timeout": "5s",
  "log-format": "json",
  "log-level": "debug",
};

/** How a liveroll is started. */
export interface LiverollOptions {
  /** Where another one was before; the caller disposes of it. @default {a new one} */
  home?: Home;
  /** Published before the start; null: nothing is. @default {"v1"; null with `home`} */
  version?: string | null;
  /** Of the first version. */
  behaviour?: Behaviour;
  /** @default {"deno"} */
  app?: ToyLanguage;
  /** Flags without dashes; null takes a default away. */
  flags?: Record<string, string | null>;
  /** The command. @default {"run"} */
  verb?: string;
  /** A script to run in place of `main.ts`. */
  program?: string;
  /** A program that starts it, with its first arguments; it has to become it. */
  launcher?: readonly string[];
  /** Further environment. */
  env?: Record<string, string>;
}

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
  /** Published before the start; null: nothing is. @default {"v1"} */
  version?: string | null;
  /** Of the first version. */
  behaviour?: Behaviour;
  /** @default {"deno"} */
  app?: ToyLanguage;
  /** Flags without dashes; null takes a default away. */
  flags?: Record<string, string | null>;
  /** Further environment. */
  env?: Record<string, string>;
}

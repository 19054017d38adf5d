import type { RollEvent } from "../../src/roll/events.ts";
import type { Release } from "./releases.ts";
import type { Sample } from "./traffic.ts";

/** Everything that the view can hear of. Times are milliseconds since the epoch. */
export type Input = Telling | { kind: "pulled"; at: number } | { kind: "sample"; sample: Sample };

/** What may be worth a sentence. */
export type Telling =
  | { kind: "event"; at: number; event: RollEvent }
  | { kind: "published"; at: number; release: Release };

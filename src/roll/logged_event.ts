import type { Line } from "./describe.ts";
import type { RollEvent } from "./events.ts";

/** Something that happened, for people and machines. */
export interface LoggedEvent extends Line {
  /** ISO 8601, UTC. */
  at: string;
  event: RollEvent;
}

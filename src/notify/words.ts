import type { RollEvent } from "../roll/events.ts";
import { bounded } from "./bounded.ts";

/** The event of one type. */
export type EventOf<T extends RollEvent["type"]> = Extract<RollEvent, { type: T }>;

/** A detail as a sentence of its own. */
export function sentence(text: string): string {
  const short = bounded(text);
  const begun = short.charAt(0).toUpperCase() + short.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** A time for people. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

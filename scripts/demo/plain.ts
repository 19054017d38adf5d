import type { Input } from "./input.ts";
import type { Model } from "./model.ts";
import { narrate } from "./narration.ts";
import { clock } from "./screen.ts";
import { recent } from "./traffic.ts";

const WINDOW_MS = 5_000;

/** A line for what has just happened; null when it is not worth one. */
export function eventLine({ startedAt }: Model, input: Input): string | null {
  if (input.kind === "pulled" || input.kind === "sample") return null;
  const words = narrate(input);
  return words && `${clock(input.at - startedAt)}  ${words.text}`;
}

/** A line that says how things are. */
export function statusLine({ startedAt, serving, traffic }: Model, now: number): string {
  const { answers, p50Ms, p99Ms } = recent(traffic, now, WINDOW_MS);
  const latency = p50Ms === null || p99Ms === null
    ? ""
    : `, first byte p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  const rate = `${Math.round(answers / (WINDOW_MS / 1_000))}/s`;
  const who = serving === null ? "nobody serves" : `${serving.instance.id} serves`;
  const { ok, failed } = traffic;
  return `${clock(now - startedAt)}  ${who}: ${ok} ok, ${failed} failed, ${rate}${latency}`;
}

/** The last line of the demo. */
export function summary({ rolls, refused, traffic: { ok, failed, failures } }: Model): string {
  const counts = [
    plural(rolls, "roll"),
    `${plural(refused, "bad version")} refused`,
    plural(ok + failed, "request"),
    `${failed} failed`,
  ];
  return [counts.join(", "), ...failures.map((failure) => `  failed: ${failure}`)].join("\n");
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

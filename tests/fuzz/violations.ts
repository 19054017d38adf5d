import { LIMITS } from "./relay_request.ts";

/** What became of a message. */
export interface Outcome {
  /** `accepted`, `unfinished`, `bad`, or the status of a refusal. */
  verdict: string;
  detail: string;
}

/** It may change while we look. */
const OUR_DATE = /Date: \w{3}, [\w :]{20} GMT/g;

/** Collects what must never happen. */
export class Violations {
  readonly list: string[] = [];

  add(violation: string): void {
    this.list.push(violation);
  }

  /** @param what A name of the thing, the same for the same kind of mistake. */
  expectSame(what: string, is: unknown, expected: unknown): void {
    if (is === expected) return;
    this.add(`The ${what} is wrong: ${JSON.stringify(is)} instead of ${JSON.stringify(expected)}`);
  }

  expectAccepted({ verdict, detail }: Outcome): void {
    if (verdict !== "accepted") this.add(`A valid message is ${verdict}: ${detail}`);
  }

  /** Expects the same outcomes, whatever the packets were. */
  compareSplits(outcomes: readonly (readonly Outcome[])[], text: string): void {
    // Which of its faults an oversized head is refused for may depend on how it came.
    const isLong = text.length > LIMITS.maxHeadBytes;
    const told = outcomes.map((outcome) =>
      JSON.stringify(outcome.map((one) => comparable(one, isLong))).replaceAll(OUR_DATE, "Date")
    );
    const other = told.find((one) => one !== told[0]);
    if (other !== undefined) this.add(`Packets make a difference: ${told[0]} and ${other}`);
  }
}

function comparable(outcome: Outcome, isLong: boolean): Outcome {
  const isRefused = /^([45]|bad)/.test(outcome.verdict);
  return isLong && isRefused ? { ...outcome, verdict: "refused", detail: "" } : outcome;
}

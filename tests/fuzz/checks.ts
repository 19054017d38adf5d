import { type Outcome, Violations } from "./violations.ts";
import { compareRequest, compareResponse } from "./comparison.ts";
import type { Sample } from "./grammar.ts";
import { parseRequest } from "./reference.ts";
import { relayRequests, requestContext } from "./relay_request.ts";
import { relayResponses, responseContexts } from "./relay_response.ts";

/** Ways to cut a message into packets; the first one is "not at all". */
export type Splits = readonly (readonly string[])[];

/** What a message came to. */
export interface Finding extends Outcome {
  /** The RFC would have it accepted. That is no mistake, but good to know. */
  isStricter: boolean;
  /** What must never happen; empty when all is well. */
  violations: readonly string[];
}

/** Puts a message through the relay's parsers and looks for anything that must never happen. */
export function examine(sample: Sample, splits: Splits): Finding {
  const violations = new Violations();
  let outcome: Outcome = { verdict: "thrown", detail: "" };
  try {
    const examineKind = sample.kind === "request" ? examineRequests : examineResponses;
    outcome = examineKind(sample, splits, violations);
  } catch (error) {
    const thrown = error instanceof Error ? error.stack ?? error.message : String(error);
    violations.add(`It throws: ${thrown}`);
  }
  const { verdict, detail } = outcome;
  const isStricter = verdict.startsWith("4") && isRequest(sample.text);
  return { verdict, detail, isStricter, violations: violations.list };
}

/** Returns what became of the last one. */
function examineRequests(sample: Sample, splits: Splits, violations: Violations): Outcome {
  let last: Outcome = { verdict: "unfinished", detail: "" };
  for (const trusted of [false, true]) {
    const context = requestContext(trusted);
    const outcomes = splits.map((packets) => relayRequests(packets, context));
    violations.compareSplits(outcomes, sample.text);
    let at = 0;
    for (const request of outcomes[0] ?? []) {
      last = request;
      if (sample.valid) violations.expectAccepted(request);
      compareRequest(sample.text.slice(at), context, request, violations);
      at += request.used;
    }
  }
  return last;
}

/** Returns what became of the last one. */
function examineResponses(sample: Sample, splits: Splits, violations: Violations): Outcome {
  let last: Outcome = { verdict: "unfinished", detail: "" };
  for (const context of responseContexts(sample.method)) {
    const outcomes = splits.map((packets) => relayResponses(packets, context));
    violations.compareSplits(outcomes, sample.text);
    let at = 0;
    for (const response of outcomes[0] ?? []) {
      last = response;
      if (sample.valid) violations.expectAccepted(response);
      compareResponse(sample.text.slice(at), context, response, violations);
      at += response.used;
    }
  }
  return last;
}

function isRequest(text: string): boolean {
  try {
    return parseRequest(text).length === text.length;
  } catch {
    return false;
  }
}

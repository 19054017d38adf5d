/**
 * Sends every hostile request through a proxy, each followed by markers: one on the same connection,
 * one on a new connection that is likely to share the proxy's connection to the application. Whoever
 * reads a message otherwise than the proxy gives a marker the wrong answer, or none, or the
 * application sees a request that was none.
 */
import type { EngineName } from "../../../src/proxy/engines.ts";
import { readAnswers } from "./answer_reader.ts";
import type { Application } from "./applications.ts";
import { converse, type Heard, leave } from "./conversation.ts";
import { startProxy } from "../rig.ts";
import { judge, type JudgeOptions, type Outcome } from "./judge.ts";
import type { Seen } from "./recorder.ts";
import { type Message, request, type RequestCase } from "./request_case.ts";

/** How a batch of cases went. */
export interface Tally {
  /** How many cases ended in which way. */
  readonly counts: ReadonlyMap<Outcome, number>;
  /** One line for each case that went wrong. */
  readonly problems: readonly string[];
}

/** How to judge. */
export interface DifferentialOptions {
  /** The corpus says what happens; otherwise only that nobody may be deceived. */
  readonly strict: boolean;
  /** Send every request in this many packets, as far as the kernel allows. @default {1} */
  readonly pieces?: number;
}

/** A proxy that leaves clients hanging would take minutes for all cases. */
const PATIENCE = 5;

/** Runs all `cases` through `engine` in front of `application`, which is finished then. */
export async function runDifferential(
  engine: EngineName,
  application: Application,
  cases: readonly RequestCase[],
  { strict, pieces = 1 }: DifferentialOptions,
): Promise<Tally> {
  const proxy = startProxy({ engine });
  proxy.replace([{ key: "a", host: "127.0.0.1", port: application.port, alive: () => true }]);
  const heard = await askAll(proxy.port, cases, pieces);
  await proxy.shutdown({ drainTimeoutMs: 1000 });
  const { seen, faults } = await application.finish();
  const tally = judgeAll(cases, heard, seen, { strict, exact: application.name === "recorder" });
  const problems = [
    ...strict ? faults.map((fault) => `malformed message to the application: ${fault}`) : [],
    ...tally.problems,
    ...heard.length < cases.length ? [`gave up after ${heard.length} cases`] : [],
  ];
  return { counts: tally.counts, problems };
}

/** What the two clients of one case heard. */
interface Pair {
  readonly first: Heard;
  readonly second: Heard;
}

async function askAll(
  port: number,
  cases: readonly RequestCase[],
  pieces: number,
): Promise<Pair[]> {
  const heard: Pair[] = [];
  let silent = 0;
  for (const [n, one] of cases.entries()) {
    const first = one.end === "incomplete"
      ? await leave(port, one.bytes, one.messages.length)
      : await converse(port, one.bytes + markerBytes(n, "a"), cutsOf(one.bytes, pieces, n));
    heard.push({ first, second: await converse(port, markerBytes(n, "b")) });
    if (first.end === "silent" && ++silent > PATIENCE) break;
  }
  return heard;
}

/** Somewhere else in every case, the same in every run. */
function cutsOf(bytes: string, pieces: number, seed: number): number[] {
  const cuts = Array.from(
    { length: pieces - 1 },
    (_, n) => 1 + (seed * 31 + n * 7919) % bytes.length,
  );
  return [...new Set(cuts)].toSorted((a, b) => a - b);
}

function judgeAll(
  cases: readonly RequestCase[],
  heard: readonly Pair[],
  seen: readonly Seen[],
  options: JudgeOptions,
): Tally {
  const counts = new Map<Outcome, number>();
  const problems: string[] = [];
  let rest = seen;
  for (const [n, { first, second }] of heard.entries()) {
    const one = cases[n] as RequestCase;
    const end = rest.findIndex(({ target }) => target === marker(n, "b").target);
    const verdict = judge(one, {
      marker: marker(n, "a"),
      seen: rest.slice(0, Math.max(0, end)),
      first: { ...readAnswers(first.bytes, methods(one)), end: first.end },
      second: { ...readAnswers(second.bytes, []), end: second.end },
      secondMarker: marker(n, "b"),
      markerSeen: end >= 0,
    }, options);
    rest = rest.slice(end + 1);
    if (verdict.outcome) counts.set(verdict.outcome, (counts.get(verdict.outcome) ?? 0) + 1);
    for (const problem of verdict.problems) problems.push(`${one.name}: ${problem}`);
  }
  if (rest.length > 0) problems.push(`seen after the end: ${rest.map(({ target }) => target)}`);
  return { counts, problems };
}

function methods({ messages }: RequestCase): string[] {
  return messages.map(({ method }) => method);
}

function marker(n: number, which: "a" | "b"): Message {
  return { method: "GET", target: `/marker-${n}${which}`, body: "" };
}

function markerBytes(n: number, which: "a" | "b"): string {
  return request(`GET ${marker(n, which).target}`, ["Connection: close"]);
}

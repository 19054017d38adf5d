// A process of its own that sends all kinds of traffic and counts what becomes of it, until its
// input ends; each byte of it says that liveroll has been replaced. Its arguments are the port and
// which kinds. Nothing is ever retried.
import type { Kind } from "./clients.ts";
import { KINDS, type KindsName } from "./kinds.ts";
import { noCounts, noReport, type Outcome, type TrafficReport } from "./outcome.ts";

const REPORT_MS = 1_000;
const MAX_FAILURES = 20;

const port = Number(Deno.args[0]);
const kinds = KINDS[Deno.args[1] as KindsName];
const report: TrafficReport = {
  ...noReport(),
  kinds: Object.fromEntries(kinds.map(({ name }) => [name, noCounts()])),
  slowestMs: Object.fromEntries(kinds.map(({ name }) => [name, 0])),
};
const stop = new AbortController();
let replaced = 0;

void endOfInput().then(() => stop.abort());
const reports = setInterval(() => console.log(JSON.stringify(report)), REPORT_MS);
await Promise.all(kinds.flatMap((kind) => Array.from({ length: kind.clients }, () => run(kind))));
clearInterval(reports);
console.log(JSON.stringify(report));
Deno.exit(0);

async function run({ name, pauseMs, create }: Kind): Promise<void> {
  const client = create({ port, onClosedIdle: () => report.closedIdle++ });
  while (!stop.signal.aborted) {
    const [began, before] = [performance.now(), replaced];
    const outcome = await client.once(stop.signal).catch((error) => fail(name, error));
    count(name, outcome === "ok" && replaced > before ? "lived" : outcome);
    const ms = Math.round(performance.now() - began);
    report.slowestMs[name] = Math.max(report.slowestMs[name]!, ms);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  client.close?.();
}

function count(name: string, outcome: Outcome): void {
  report.kinds[name]![outcome]++;
}

function fail(name: string, error: unknown): Outcome {
  const at = new Date().toISOString();
  if (report.failures.length < MAX_FAILURES) report.failures.push(`${at} ${name}: ${error}`);
  return "failed";
}

async function endOfInput(): Promise<void> {
  for await (const bytes of Deno.stdin.readable) replaced += bytes.length;
}

// A process of its own that sends all kinds of traffic and counts what becomes of it, until its
// input ends. Its argument is the port. Nothing is ever retried.
import { type Kind, KINDS } from "./clients.ts";
import { noCounts, type Outcome, type TrafficReport } from "./outcome.ts";

const REPORT_MS = 1_000;
const MAX_FAILURES = 20;

const port = Number(Deno.args[0]);
const report: TrafficReport = {
  kinds: Object.fromEntries(KINDS.map(({ name }) => [name, noCounts()])),
  failures: [],
  closedIdle: 0,
};
const stop = new AbortController();

void endOfInput().then(() => stop.abort());
const reports = setInterval(() => console.log(JSON.stringify(report)), REPORT_MS);
await Promise.all(KINDS.flatMap((kind) => Array.from({ length: kind.clients }, () => run(kind))));
clearInterval(reports);
console.log(JSON.stringify(report));
Deno.exit(0);

async function run({ name, pauseMs, create }: Kind): Promise<void> {
  const client = create({ port, onClosedIdle: () => report.closedIdle++ });
  while (!stop.signal.aborted) {
    count(name, await client.once().catch((error) => fail(name, error)));
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
  for await (const _ of Deno.stdin.readable);
}

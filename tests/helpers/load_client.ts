// A process of its own that sends requests and counts exactly what becomes of them. Nothing is ever
// retried. Its plan is the first argument (JSON); it prints a line when it first meets a version
// and one on its first failure, ends when its input ends or the plan's time is up, and prints its
// report as the last line.
import { type Answer, HttpConnection, HttpFailure } from "./http.ts";
import type { LoadFailure, LoadPlan, LoadReport } from "./load_report.ts";

type Check = (answer: Answer, version: string) => string | null;

interface Job {
  client: string;
  path: string;
  method: string;
  body?: Uint8Array;
  check: Check;
}

const DOWNLOAD_BYTES = 600_000;
const plan: LoadPlan = JSON.parse(Deno.args[0] ?? "{}");
const latencies: number[] = [];
const report: LoadReport = {
  sent: 0,
  ok: 0,
  failed: [],
  byVersion: {},
  closedIdle: 0,
  connections: 0,
  maxLatencyMs: 0,
  p50: 0,
  p99: 0,
};
const stop = new AbortController();

setTimeout(() => stop.abort(), plan.maxMs);
void endOfInput().then(() => stop.abort());
const post = await postJob();
await Promise.all([
  ...clients(plan.keepAlive, getJob("keep-alive"), true),
  ...clients(plan.fresh, getJob("fresh"), false),
  ...clients(plan.posts, post, true),
  ...clients(plan.downloads, downloadJob(), false),
]);
latencies.sort((a, b) => a - b);
report.p50 = percentile(0.5);
report.p99 = percentile(0.99);
report.maxLatencyMs = percentile(1);
console.log(JSON.stringify({ report }));
Deno.exit(0);

function clients(count: number, job: Job, keep: boolean): Promise<void>[] {
  return Array.from({ length: count }, () => client(job, keep));
}

async function client(job: Job, keep: boolean): Promise<void> {
  let connection: HttpConnection | null = null;
  while (!stop.signal.aborted) {
    if (connection?.ended) {
      report.closedIdle++;
      connection = drop(connection);
    }
    connection = await once(job, connection, keep);
    await pause(plan.pauseMs);
    // After a stall, timers are served before what the network has brought meanwhile.
    await turn();
  }
  drop(connection);
}

/** One request; the connection comes back when it can carry another. */
async function once(
  job: Job,
  reused: HttpConnection | null,
  keep: boolean,
): Promise<HttpConnection | null> {
  const began = performance.now();
  const at = new Date().toISOString();
  if (++report.sent >= plan.maxRequests) stop.abort();
  let connection = reused;
  try {
    connection ??= await open();
    const failure = await exchange(connection, job, keep);
    if (failure === null) report.ok++;
    else fail({ ...failure, client: job.client, at });
    return keep && connection.reusable ? connection : drop(connection);
  } catch (error) {
    fail({ ...describe(error, reused !== null), client: job.client, at });
    return drop(connection);
  } finally {
    latencies.push(performance.now() - began);
  }
}

async function open(): Promise<HttpConnection> {
  report.connections++;
  return await HttpConnection.connect(plan.port);
}

function drop(connection: HttpConnection | null): null {
  connection?.close();
  return null;
}

/** The first one is told at once: who waits in vain for a version learns why. */
function fail(failure: LoadFailure): void {
  report.failed.push(failure);
  if (report.failed.length === 1) console.log(JSON.stringify({ failure }));
}

type Trouble = Pick<LoadFailure, "kind" | "status" | "detail">;

async function exchange(
  connection: HttpConnection,
  job: Job,
  keep: boolean,
): Promise<Trouble | null> {
  const nonce = crypto.randomUUID();
  const headers = { "x-nonce": nonce, ...(keep ? {} : { connection: "close" }) };
  const answer = await connection.ask(job.path, {
    method: job.method,
    headers,
    timeoutMs: plan.timeoutMs,
    ...(job.body && { body: job.body }),
  });
  const { status, text } = answer;
  const version = answer.headers.get("x-version") ?? "none";
  if (status !== 200) return { kind: "status", status, detail: text.slice(0, 200) };
  meet(version);
  const wrong = answer.headers.get("x-nonce") === nonce
    ? job.check(answer, version)
    : "the answer to another request";
  return wrong === null ? null : { kind: "wrong_answer", status, detail: wrong };
}

function describe(error: unknown, reused: boolean): Trouble {
  const kind = error instanceof HttpFailure ? error.kind : "bug";
  return { kind, status: 0, detail: `${error} (${reused ? "reused" : "new"} connection)` };
}

function meet(version: string): void {
  const count = (report.byVersion[version] ?? 0) + 1;
  report.byVersion[version] = count;
  if (count === 1) console.log(JSON.stringify({ version }));
}

function getJob(client: string): Job {
  const check: Check = ({ text }, version) => text === version ? null : `body ${text}`;
  return { client, path: "/", method: "GET", check };
}

async function postJob(): Promise<Job> {
  const body = crypto.getRandomValues(new Uint8Array(5_000));
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).toHex();
  const check: Check = ({ text }) => text.includes(sha256) ? null : `another hash: ${text}`;
  return { client: "post", path: "/upload", method: "POST", body, check };
}

function downloadJob(): Job {
  const check: Check = ({ bytes }) => bytes === DOWNLOAD_BYTES ? null : `${bytes} bytes`;
  const path = `/stream?bytes=${DOWNLOAD_BYTES}&pause=10`;
  return { client: "download", path, method: "GET", check };
}

function percentile(share: number): number {
  const at = Math.min(latencies.length - 1, Math.floor(share * latencies.length));
  return Math.round((latencies[at] ?? 0) * 10) / 10;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves when whatever could be read by now was read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function endOfInput(): Promise<void> {
  for await (const _ of Deno.stdin.readable);
}

/**
 * Runs tests and ends with one plain line: `N passed, N failed, N skipped`.
 *
 * Without arguments all of them, in two lanes: first the fast ones, then those that start real
 * programs. With arguments, `deno test` gets exactly these. What is skipped is named with its reason.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { allTests, type Lanes } from "./lib/test_lanes.ts";
import { sum, type TestCounts, TestLog } from "./lib/test_log.ts";
import { installParts, reportParts } from "./services.ts";

const ROOT = new URL("..", import.meta.url).pathname;
/** A run that takes longer has hung; on two quiet cores it takes 14 minutes. */
const LIMIT_MS = 50 * 60_000;
const LAST_WORDS_MS = 2_000;

async function main(args: readonly string[]): Promise<number> {
  if (Deno.env.get("CI") === "true") {
    await installParts();
    await reportParts();
  }
  if (args.length === 0 && !await typesHold()) return 1;
  const stages = args.length > 0 ? [[args]] : (await allTests(ROOT)).map(unchecked);
  const signal = AbortSignal.timeout(LIMIT_MS);
  const runs: Run[] = [];
  for (const lanes of stages) runs.push(...await runAll(lanes, signal));

  // Once more, since by now they stand thousands of lines above.
  if (runs.length > 1) {
    for (const line of runs.flatMap(({ log }) => log.failures)) console.log(line);
  }
  const skipped = runs.flatMap(({ log }) => log.skipped());
  for (const { file, name, why } of skipped) console.log(`SKIPPED ${file}: ${name}: ${why}`);
  const total = sum(runs.map(({ counts }) => counts));
  const nothing = total.passed + total.failed === 0;
  if (nothing) console.log("No test was executed, which counts as a failure");
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return nothing || total.failed > 0 || runs.some(({ ok }) => !ok) ? 1 : 0;
}

/** Checks all types once, or every lane would check its own. */
async function typesHold(): Promise<boolean> {
  const options = { args: ["check", "--frozen", "--quiet", "."], cwd: ROOT };
  const { success } = await new Deno.Command(Deno.execPath(), options).spawn().status;
  if (!success) console.log("Types do not hold, nothing was tested\n0 passed, 1 failed, 0 skipped");
  return success;
}

function unchecked(lanes: Lanes): Lanes {
  return lanes.map((args) => ["--no-check", ...args]);
}

interface Run {
  ok: boolean;
  log: TestLog;
  counts: TestCounts | null;
}

/** Runs lanes at once; what the others print comes after what the first one does. */
async function runAll(lanes: Lanes, signal: AbortSignal): Promise<Run[]> {
  const kept = lanes.map((_, index) => index === 0 ? null : new Kept());
  const runs = lanes.map((args, index) => run(args, signal, kept[index] ?? Deno.stdout));
  for (const [index, ended] of runs.entries()) {
    await ended;
    kept[index]?.release();
  }
  return await Promise.all(runs);
}

/** Where output goes. */
type Sink = Pick<typeof Deno.stdout, "writeSync">;

/** Output that is shown later. */
class Kept implements Sink {
  readonly #chunks: Uint8Array[] = [];

  writeSync(bytes: Uint8Array): number {
    this.#chunks.push(bytes.slice());
    return bytes.length;
  }

  release(): void {
    for (const chunk of this.#chunks) writeAll(chunk, Deno.stdout);
  }
}

function writeAll(bytes: Uint8Array, to: Sink): void {
  for (let sent = 0; sent < bytes.length;) sent += to.writeSync(bytes.subarray(sent));
}

async function run(args: readonly string[], signal: AbortSignal, to: Sink): Promise<Run> {
  const log = new TestLog();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--frozen", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const followed = Promise.all([
    follow(child.stdout, to, log),
    follow(child.stderr, to, log),
  ]);
  const { success } = await child.status;
  // A program that a broken test left behind may hold the pipes open.
  await Promise.race([followed, delay(LAST_WORDS_MS)]);
  if (signal.aborted) console.log(`The tests were ended after ${LIMIT_MS / 60_000} minutes`);
  return { ok: success, log, counts: success ? log.counts : atLeastOneFailure(log.counts) };
}

/** Tests can all pass and the run fail, for example when a file does not compile. */
function atLeastOneFailure(counts: TestCounts | null): TestCounts | null {
  return counts === null ? null : { ...counts, failed: Math.max(1, counts.failed) };
}

/** Passes output on as it comes and shows each line to the log. */
async function follow(
  from: ReadableStream<Uint8Array>,
  to: Sink,
  log: TestLog,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of from) {
    writeAll(chunk, to);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) log.read(line);
  }
  if (rest !== "") log.read(rest);
}

if (import.meta.main) Deno.exit(await main(Deno.args));

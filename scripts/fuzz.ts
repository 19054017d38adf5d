/**
 * Tries the relay's parsers with made-up messages: `deno task fuzz --seconds 60 --seed 1`, and
 * `--seed S --cases 1` for one of them again.
 *
 * Each failure is made small, shown, and written to `tests/fuzz/seeds/`, where the tests find it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Failure } from "../tests/fuzz/fuzz.ts";
import { escape, formatSeed } from "../tests/fuzz/seed_file.ts";
import type { FuzzOrder, FuzzReport } from "./fuzz/messages.ts";
import { count } from "./lib/count.ts";

const SEEDS = new URL("../tests/fuzz/seeds/", import.meta.url);
/** A case takes microseconds; one that takes so long has no end. */
const HANG_MS = 10_000;
const SHOWN_VERDICTS = 100;
const SHOWN_CHARACTERS = 3000;

const args = parseArgs(Deno.args, { string: ["seconds", "seed", "cases"] });
const order: FuzzOrder = {
  seed: count("seed", args.seed, 1 + Math.floor(Math.random() * 500_000_000)),
  cases: count("cases", args.cases, 500_000_000),
  seconds: count("seconds", args.seconds, 30),
  progress: new Int32Array(new SharedArrayBuffer(4)),
};

console.log(`fuzz: from seed ${order.seed} for ${order.seconds} s`);
const report = await run(order);
if (report === null) {
  console.log(`fuzz: the case of seed ${order.progress[0]} does not end`);
  Deno.exit(1);
}
showVerdicts(report.verdicts);
for (const failure of report.failures) await keep(failure);
console.log(
  `fuzz: ${report.cases} cases, ${Math.round(report.cases / report.ms * 1000)} per second, ` +
    `longest ${report.longestMs.toFixed(1)} ms, ${report.failures.length} kinds of failures`,
);
Deno.exit(report.failures.length === 0 ? 0 : 1);

/** Null when a case hangs: nothing in the thread itself can notice that. */
function run(order: FuzzOrder): Promise<FuzzReport | null> {
  const worker = new Worker(new URL("./fuzz/worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<FuzzReport | null>();
  let last = -1;
  const watch = setInterval(() => {
    const now = order.progress[0] ?? 0;
    if (now === last) resolve(null);
    last = now;
  }, HANG_MS);
  worker.onmessage = ({ data }: MessageEvent<FuzzReport>) => resolve(data);
  worker.onerror = (event) => reject(event.error ?? new Error(event.message));
  worker.postMessage(order);
  return promise.finally(() => {
    clearInterval(watch);
    worker.terminate();
  });
}

function showVerdicts(verdicts: Record<string, number>): void {
  const sorted = Object.entries(verdicts).sort(([, a], [, b]) => b - a);
  for (const [verdict, times] of sorted.slice(0, SHOWN_VERDICTS)) {
    console.log(`${String(times).padStart(9)}  ${verdict}`);
  }
}

async function keep({ seed, sample, violations }: Failure): Promise<void> {
  const [note = ""] = violations;
  const shown = `${violations.join("\n  ")}\n${escape(sample.text)}`;
  console.log(`\nseed ${seed}: ${shown.slice(0, SHOWN_CHARACTERS)}\n`);
  const { kind, method, text: message } = sample;
  const file = new URL(`found-${seed}.txt`, SEEDS);
  const line = escape(note).replaceAll("\n", " ").slice(0, 200);
  await Deno.writeTextFile(
    file,
    formatSeed({ note: line, kind, method, message, expect: null }),
  );
}

/// <reference lib="deno.worker" />
import { readCorpus } from "../../tests/fuzz/corpus.ts";
import { kind, makeCase, runCase, shrink } from "../../tests/fuzz/fuzz.ts";
import type { FuzzOrder, FuzzReport } from "./messages.ts";

/** More are not looked at: one cause has many faces. */
const MAX_FAILURES = 20;

self.onmessage = ({ data }: MessageEvent<FuzzOrder>) => self.postMessage(run(data));

function run({ seed, cases, seconds, progress }: FuzzOrder): FuzzReport {
  const corpus = readCorpus();
  const report: FuzzReport = { cases: 0, ms: 0, longestMs: 0, verdicts: {}, failures: [] };
  const kinds = new Set<string>();
  const began = performance.now();
  let now = began;
  while (report.cases < cases && now - began < seconds * 1000 && kinds.size < MAX_FAILURES) {
    const made = makeCase(seed + report.cases, corpus);
    progress[0] = made.seed;
    const finding = runCase(made);
    report.cases++;
    report.longestMs = Math.max(report.longestMs, -now + (now = performance.now()));
    const verdict = `${made.sample.kind} ${finding.verdict} ${finding.detail}`.trim() +
      (finding.isStricter ? " (the RFC would have it)" : "");
    report.verdicts[verdict] = (report.verdicts[verdict] ?? 0) + 1;
    const what = kind(finding.violations);
    if (what === "" || kinds.has(what)) continue;
    kinds.add(what);
    report.failures.push(shrink(made, finding.violations));
    now = performance.now();
  }
  report.ms = performance.now() - began;
  return report;
}

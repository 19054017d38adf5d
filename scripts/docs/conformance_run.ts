import { HTTP_ENGINES, type HttpEngine } from "../../tests/conformance/checklist.ts";
import type { Failures } from "./conformance_table.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const TEST = ["test", "-A", "--frozen", "--quiet"];
/** Looks at the table that is only to be written. */
const TABLE_TEST = "tests/conformance/table_test.ts";
/** A run that takes longer has hung. */
const LIMIT_MS = 5 * 60_000;

/** What the conformance tests came to. */
export interface ConformanceRun {
  readonly tests: number;
  /** Names of tests that failed, those of no item, too. */
  readonly failed: readonly string[];
  readonly failures: Failures;
}

/**
 * Runs the conformance tests.
 *
 * @throws {Error} When they could not be run to their end.
 */
export async function runConformance(): Promise<ConformanceRun> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [...TEST, `--junit-path=${report}`, `--ignore=${TABLE_TEST}`, "tests/conformance"],
      cwd: ROOT,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).spawn().status;
    const run = readReport(await Deno.readTextFile(report));
    if (run.tests === 0) throw new Error("Cannot read the report: no test was run");
    if (!success && run.failed.length === 0) throw new Error("Cannot run all of the tests");
    return run;
  } finally {
    await Deno.remove(report);
  }
}

/** Reads a JUnit report as `deno test` writes it. */
export function readReport(xml: string): ConformanceRun {
  const failures = { relay: new Set<number>(), fetch: new Set<number>() };
  const failed: string[] = [];
  let tests = 0;
  for (const [, attributes = "", content = ""] of xml.matchAll(TEST_CASE)) {
    tests++;
    if (!/<(failure|error)\b/.test(content)) continue;
    const name = / name="([^"]*)"/.exec(` ${attributes}`)?.[1] ?? "";
    failed.push(name);
    for (const engine of HTTP_ENGINES) {
      for (const number of itemsOf(name, engine)) failures[engine].add(number);
    }
  }
  return { tests, failed, failures };
}

const TEST_CASE = /<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs;

/** `item 27 item 28 [relay] …` is of two items. */
function itemsOf(name: string, engine: HttpEngine): number[] {
  const codes = /^((?:item \d+ )+)\[(\w+)\]/.exec(name);
  if (codes?.[2] !== engine) return [];
  return [...(codes[1] ?? "").matchAll(/\d+/g)].map(Number);
}

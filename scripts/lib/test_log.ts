/** A test that did not run. */
export interface SkippedTest {
  file: string;
  name: string;
  /** From the line `skipped: file: why` that the test file printed. */
  why: string;
}

/** What tests came to. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Reads the output of `deno test`, line by line, and remembers what a summary needs. */
export class TestLog {
  readonly #ignored: { file: string; name: string }[] = [];
  readonly #reasons = new Map<string, string[]>();
  readonly #failures: string[] = [];
  #file = "";
  #counts: TestCounts | null = null;

  /** What the last line of `deno test` said; null if it never got that far. */
  get counts(): TestCounts | null {
    return this.#counts;
  }

  /** What `deno test` told at its end about each failed test; empty if there is none. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** Takes one line without its line break and without colours. */
  read(line: string): void {
    if (line === " ERRORS " || this.#failures.length > 0) this.#failures.push(line);
    const file = /^running \d+ tests? from (?:\.\/)?(.+)$/.exec(line);
    if (file) this.#file = file[1] ?? "";
    const ignored = /^(\S.*) \.\.\. ignored \(.*\)$/.exec(line);
    if (ignored) this.#ignored.push({ file: this.#file, name: ignored[1] ?? "" });
    const reason = /^skipped: (\S+): (.+)$/.exec(line);
    if (reason) this.#addReason(reason[1] ?? "", reason[2] ?? "");
    const end =
      /^(?:ok|FAILED) \| (\d+) passed(?: \(.*?\))? \| (\d+) failed(?: \(.*?\))?(?: \| (\d+) ignored)?/
        .exec(line);
    if (end) {
      this.#counts = {
        passed: Number(end[1]),
        failed: Number(end[2]),
        skipped: Number(end[3] ?? 0),
      };
    }
  }

  /** The skipped tests; in each file the reasons come in the order of the tests. */
  skipped(): SkippedTest[] {
    const used = new Map<string, number>();
    return this.#ignored.map(({ file, name }) => {
      const reasons = this.#reasons.get(file) ?? [];
      const index = used.get(file) ?? 0;
      used.set(file, index + 1);
      return { file, name, why: reasons[index] ?? reasons.at(-1) ?? "no reason given" };
    });
  }

  #addReason(file: string, why: string): void {
    const known = this.#reasons.get(file);
    if (known) known.push(why);
    else this.#reasons.set(file, [why]);
  }
}

/** Adds up; what broke off before its end counts as one failure. */
export function sum(counts: readonly (TestCounts | null)[]): TestCounts {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const count of counts) {
    total.passed += count?.passed ?? 0;
    total.failed += count?.failed ?? 1;
    total.skipped += count?.skipped ?? 0;
  }
  return total;
}

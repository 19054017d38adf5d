import { assertEquals } from "@std/assert";
import { Random } from "../simulation/random.ts";
import { examine } from "./checks.ts";
import { readCorpus, readSeeds, toSample } from "./corpus.ts";
import { kind, makeCase, makeSplits, runCase } from "./fuzz.ts";
import { escape, formatSeed, parseSeed } from "./seed_file.ts";

const CASES = 20_000;

for (const [name, seed] of readSeeds()) {
  Deno.test(`seed ${name}: ${seed.note}`, () => {
    const sample = toSample(seed);
    for (let n = 0; n < 20; n++) {
      const finding = examine(sample, makeSplits(sample.text, new Random(n)));
      assertEquals(finding.violations, []);
      if (seed.expect !== null) assertEquals(finding.verdict, seed.expect, finding.detail);
    }
  });
}

Deno.test(`${CASES} made-up messages break no promise of the parsers`, () => {
  const corpus = readCorpus();
  const verdicts = new Set<string>();
  for (let seed = 1; seed <= CASES; seed++) {
    const made = makeCase(seed, corpus);
    const { verdict, violations } = runCase(made);
    assertEquals(violations, [], `seed ${seed}:\n${escape(made.sample.text)}\n${kind(violations)}`);
    verdicts.add(verdict);
  }
  // A fuzzer that only ever meets the first check proves nothing.
  for (const met of ["accepted", "unfinished", "bad", "400", "431", "414", "501", "502", "505"]) {
    assertEquals(verdicts.has(met), true, `${met} was not met`);
  }
});

Deno.test("A seed file is read as it was written", () => {
  const message = "GET \\n / \\x41\r\n\r\n\n\r\0\t\xff ";
  const seed = { note: "a b", kind: "response", expect: "400", method: "HEAD", message } as const;
  assertEquals(parseSeed(formatSeed(seed)), seed);
});

import { Random } from "../simulation/random.ts";
import { examine, type Finding, type Splits } from "./checks.ts";
import { makeSample, type Sample } from "./grammar.ts";
import { mutate } from "./mutate.ts";

/** More tries than that make nothing much smaller. */
const MAX_SHRINKS = 2000;
/** Up to this length a message is also tried byte by byte. */
const BYTEWISE = 300;

/** One message, as its seed made it. */
export interface Case {
  seed: number;
  sample: Sample;
  splits: Splits;
}

/** A case in which something happened that must not. */
export interface Failure {
  seed: number;
  /** As small as it could be made. */
  sample: Sample;
  violations: readonly string[];
}

/**
 * Makes up the case of a seed, always the same one.
 *
 * @param corpus Messages that are tried with changes, besides those that are made up.
 */
export function makeCase(seed: number, corpus: readonly Sample[]): Case {
  const rng = new Random(Math.imul(seed, 0x9e3779b1));
  const base = corpus.length > 0 && rng.chance(0.2) ? rng.pick(corpus) : makeSample(rng);
  const isHarmed = !base.valid || rng.chance(0.85);
  const sample = isHarmed ? { ...base, text: mutate(base.text, rng), valid: false } : base;
  return { seed, sample, splits: makeSplits(sample.text, rng) };
}

/** Runs one case; the finding tells what came of it. */
export function runCase({ sample, splits }: Case): Finding {
  return examine(sample, splits);
}

/** The message in one piece, in a few, and sometimes byte by byte unless it is long. */
export function makeSplits(text: string, rng: Random): Splits {
  const splits = [[text], cut(text, rng), cut(text, rng)];
  if (text.length <= BYTEWISE && rng.chance(0.25)) splits.push([...text]);
  return splits;
}

/** Makes the message of a failing case smaller as long as the same thing goes wrong. */
export function shrink({ seed, sample }: Case, violations: readonly string[]): Failure {
  let smallest: Failure = { seed, sample, violations };
  // A part of a valid message is not valid any more, so that its refusal says nothing.
  let left = sample.valid ? 0 : MAX_SHRINKS;
  for (let size = Math.ceil(sample.text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.sample.text.length && left-- > 0;) {
      const { text } = smallest.sample;
      const less = { ...sample, text: text.slice(0, at) + text.slice(at + size) };
      const { violations } = examine(less, makeSplits(less.text, new Random(seed)));
      const isSame = kind(violations) === kind(smallest.violations);
      if (isSame) smallest = { seed, sample: less, violations };
      else at += size;
    }
  }
  return smallest;
}

/** What went wrong first, without the details: the same for the same kind of mistake. */
export function kind(violations: readonly string[]): string {
  return violations[0]?.split(":", 1)[0] ?? "";
}

function cut(text: string, rng: Random): string[] {
  const count = 1 + Math.floor(rng.next() * 6);
  const places = Array.from({ length: count }, () => Math.floor(rng.next() * (text.length + 1)));
  const sorted = [0, ...places.sort((a, b) => a - b), text.length];
  return sorted.slice(1).map((to, index) => text.slice(sorted[index], to));
}

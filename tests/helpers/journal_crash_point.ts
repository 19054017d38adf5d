import type { JournalStep, PhaseName } from "../../src/roll/journal.ts";

/** A moment in the life of liveroll. */
export interface CrashPoint {
  step: JournalStep;
  /** Of its being written down. */
  when: "before" | "after";
  /** Of `phase.ended`: which one. */
  phase?: PhaseName;
}

/** For people. */
export function describePoint({ step, when, phase }: CrashPoint): string {
  return `${when} ${step}${phase === undefined ? "" : ` (${phase})`}`;
}

/** From now on a program that looks at `file` dies at `point`. */
export function writeCrashPoint(file: string, point: CrashPoint): void {
  Deno.writeTextFileSync(`${file}.new`, JSON.stringify(point));
  Deno.renameSync(`${file}.new`, file);
}

/** Null: there is none. */
export function readCrashPoint(file: string): CrashPoint | null {
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

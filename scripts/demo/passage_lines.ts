import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import type { Line, Paint, Span } from "./line.ts";
import { inWords } from "./narration.ts";
import { type Passage, type Progress, type Step, STEPS, type StepState } from "./passage.ts";
import { type Canvas, paintOf } from "./timeline.ts";

const SPINNER = "◐◓◑◒";
const SPIN_MS = 150;
const MIN_CELL = 4;

const LOOKS: Record<Progress, { mark: string; bar: string; paint: Paint }> = {
  pending: { mark: " ", bar: "─", paint: dim },
  running: { mark: "", bar: "━", paint: yellow },
  done: { mark: "✓", bar: "━", paint: green },
  failed: { mark: "✗", bar: "━", paint: red },
  skipped: { mark: " ", bar: " ", paint: dim },
};

/** A roll step by step, in four lines: what happens, a bar, the steps, their times. */
export function passageLines(passage: Passage | null, { width, now }: Canvas): Line[] {
  if (passage === null) return [[["waiting for the first version", dim]], [], [], []];
  const cell = Math.max(MIN_CELL, Math.floor(width / STEPS.length));
  const row = (draw: (step: Step, state: StepState) => Span): Line =>
    STEPS.map((step) => draw(step, passage.steps[step]));
  return [
    headline(passage, now),
    row((_, state) => bar(state, cell)),
    row((step, state) => name(step, state, cell, now)),
    row((_, state) => time(state, cell, now)),
  ];
}

function headline(passage: Passage, now: number): Line {
  const { from, to } = passage;
  const before: Span[] = from === null ? [] : [[from, paintOf(from)], " → "];
  return [...before, [to, (text) => bold(paintOf(to)(text))], ...explain(passage, now)];
}

function explain({ from, outcome, steps }: Passage, now: number): Line {
  const old = from === null ? "" : `, ${from} serves on`;
  switch (outcome) {
    case "rolling":
      if (steps.gate.progress !== "running") return [["   starts", yellow]];
      return [["   must prove that it is healthy", yellow], [old, dim]];
    case "refused":
      return [["   refused", red], [old, dim]];
    case "interrupted":
      return [["   called off", yellow], [old, dim]];
    case "serving":
      return [["   serves", green], [
        steps.drain.progress === "running"
          ? `, ${from} finishes what it has begun`
          : `, ${from} is asked to end`,
        dim,
      ]];
    case "finished":
      return [["   serves", green], [`, done in ${inWords(duration(steps, now))}`, dim]];
  }
}

function duration(steps: Passage["steps"], now: number): number {
  const times = STEPS.flatMap((step) => [steps[step].beganAt, steps[step].endedAt])
    .filter((at) => at !== null);
  return times.length === 0 ? 0 : Math.min(Math.max(...times), now) - Math.min(...times);
}

function bar({ progress }: StepState, cell: number): Span {
  const { bar, paint } = LOOKS[progress];
  return [fill(bar.repeat(cell), cell), paint];
}

function name(step: Step, { progress }: StepState, cell: number, now: number): Span {
  const { mark, paint } = LOOKS[progress];
  const spinner = SPINNER[Math.floor(now / SPIN_MS) % SPINNER.length];
  return [fill(`${mark || spinner} ${step}`, cell), paint];
}

function time({ progress, beganAt, endedAt }: StepState, cell: number, now: number): Span {
  if (beganAt === null || progress === "pending") return " ".repeat(cell);
  const text = inWords(Math.max(0, (endedAt ?? now) - beganAt));
  return [fill(`  ${text}`, cell), dim];
}

/** Exactly `cell` columns, the last of them blank. */
function fill(text: string, cell: number): string {
  return text.slice(0, cell - 1).padEnd(cell);
}

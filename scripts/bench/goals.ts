import { REFERENCES } from "./peers.ts";
import type { Row, ScenarioResult } from "./result.ts";

/** Something that the figures should be, and what they are. */
export interface Verdict {
  goal: string;
  measured: number;
  met: boolean;
}

/** The rows of one scenario by id. */
type Rows = ReadonlyMap<string, Row>;

interface Goal {
  text: string;
  scenario: string;
  /** NaN when something that it takes was not measured. */
  measure(rows: Rows): number;
  isMet(measured: number): boolean;
}

const GOALS: readonly Goal[] = [
  {
    text: "relay, keep-alive at 64: at least 0.9 of nginx",
    scenario: "keep-64",
    measure: (rows) => ratioOf(rows, "relay"),
    isMet: (ratio) => ratio >= 0.9,
  },
  {
    text: "relay, keep-alive at 64: at least 2 × Caddy",
    scenario: "keep-64",
    measure: (rows) => ratioOf(rows, "relay") / ratioOf(rows, "caddy"),
    isMet: (ratio) => ratio >= 2,
  },
  {
    text: "relay, 1 connection: added p50 at most 1.2 × that of nginx",
    scenario: "keep-1",
    measure: (rows) => addedOf(rows, "relay") / addedOf(rows, REFERENCES.http),
    isMet: (ratio) => ratio <= 1.2,
  },
  {
    text: "tcp, keep-alive at 64: at least 0.9 of HAProxy tcp",
    scenario: "keep-64",
    measure: (rows) => ratioOf(rows, "tcp"),
    isMet: (ratio) => ratio >= 0.9,
  },
  ...[["answers of 64 KiB", "get-64k"], ["answers of 10 MiB", "get-10m"], ["uploads", "post-1m"]]
    .map(([what, scenario]): Goal => ({
      text: `relay, ${what}: at least 0.8 of nginx`,
      scenario: scenario ?? "",
      measure: (rows) => ratioOf(rows, "relay"),
      isMet: (ratio) => ratio >= 0.8,
    })),
];

/** Every goal for which enough was measured. */
export function judge(results: readonly ScenarioResult[]): Verdict[] {
  return GOALS.flatMap(({ text, scenario, measure, isMet }) => {
    const rows = results.find((result) => result.scenario.id === scenario)?.rows ?? [];
    const measured = measure(new Map(rows.map((row) => [row.id, row])));
    return Number.isNaN(measured) ? [] : [{ goal: text, measured, met: isMet(measured) }];
  });
}

function ratioOf(rows: Rows, id: string): number {
  return rows.get(id)?.ratio?.median ?? NaN;
}

function addedOf(rows: Rows, id: string): number {
  return rows.get(id)?.addedP50Ms ?? NaN;
}

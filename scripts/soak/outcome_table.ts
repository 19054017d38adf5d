import { table } from "../bench/table.ts";
import { OUTCOMES, type TrafficReport } from "./outcome.ts";

/** What became of everything, for people. */
export function outcomeTable({ kinds, slowestMs, closedIdle }: TrafficReport): string {
  const rows = Object.entries(kinds).map(([name, counts]) => [
    name,
    ...OUTCOMES.map((outcome) => `${counts[outcome]}`),
    `${slowestMs[name]} ms`,
  ]);
  return `${table(["", ...OUTCOMES, "slowest"], rows)}\n` +
    `idle connections closed by the proxy: ${closedIdle}`;
}

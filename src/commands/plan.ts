import type { CommandOrder } from "../control/client/control_client.ts";
import type { Plan } from "../control/operator.ts";
import { EXIT } from "./exit_codes.ts";
import { printable } from "./print/cell.ts";
import { printJson } from "./print/json.ts";
import type { Talk } from "./talk.ts";

/** `--dry-run` of `update`, `rollback`, `retry` and `pin`: tells what would be done now. */
export async function plan({ client, io, json }: Talk, order: CommandOrder): Promise<number> {
  const plan = await client.plan(order);
  if (json) printJson(io, plan);
  else for (const line of linesOf(plan)) io.out(printable(line));
  return plan.action === "refused" ? EXIT.failed : EXIT.ok;
}

function linesOf(
  { action, detail, from, to, known, strategy, phases, ports, notes }: Plan,
): string[] {
  const head = action === "refused" ? `would be refused: ${detail}` : detail;
  if (phases.length === 0) return [head];
  return [
    head,
    `from:     ${from ?? "nothing"}`,
    `to:       ${to}${known ? "" : " (never seen here: it may not exist)"}`,
    `strategy: ${strategy}`,
    `ports:    ${ports.length === 0 ? "one of its own" : ports.join(" or ")}`,
    `phases:   ${phases.join(", ")}`,
    // A liveroll that was started before there were any tells none.
    ...(notes ?? []).map((note) => `note:     ${note}`),
    "nothing was changed",
  ];
}

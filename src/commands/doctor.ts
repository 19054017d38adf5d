import type { Finding } from "../control/operator.ts";
import { EXIT } from "./exit_codes.ts";
import { printable } from "./print/cell.ts";
import { printJson } from "./print/json.ts";
import { type Paint, paintFor } from "./print/paint.ts";
import type { Talk } from "./talk.ts";

/** `liveroll doctor`: what differs between the journal and reality; with `fix` mends it. */
export async function doctor(talk: Talk, { fix }: { fix: boolean }): Promise<number> {
  const { io, json, client } = talk;
  const report = await client.doctor(fix);
  if (json) printJson(io, report);
  else {
    const paint = paintFor(io, io.stdout);
    for (const fixed of report.fixed) io.out(`${paint.green("fixed")}    ${printable(fixed)}`);
    for (const finding of report.findings) for (const line of linesOf(finding, paint)) io.out(line);
    if (report.findings.length === 0) io.out("all is well");
  }
  return report.findings.some(({ severity }) => severity !== "info") ? EXIT.failed : EXIT.ok;
}

function linesOf({ code, severity, message, fix }: Finding, paint: Paint): string[] {
  const color = { error: paint.red, warning: paint.yellow, info: paint.dim }[severity];
  const label = printable(severity).padEnd(7);
  return [
    `${color ? color(label) : label}  ${printable(`${message} (${code})`)}`,
    ...fix === null ? [] : [`         --fix would: ${printable(fix)}`],
  ];
}

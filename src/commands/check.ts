import { isForAssets } from "../config/assets_rules.ts";
import { describeOrigin, type Origin } from "../config/given.ts";
import { formatHealthCheck } from "../config/health_kind.ts";
import { type Flag, FLAGS, optionOf } from "../config/options.ts";
import type { ResolvedOptions } from "../config/resolve.ts";
import type { Io } from "./command.ts";
import { holdNote } from "./hold_note.ts";
import { optionRedactor } from "./secrets.ts";

/**
 * Prints the effective values, without their secrets, and where each comes from; a valid
 * configuration is good news.
 */
export function check(resolved: ResolvedOptions, io: Io): number {
  const redact = optionRedactor(resolved.config, io.env);
  const isUsed = resolved.config.subject === "assets" ? isForAssets : () => true;
  const shown = FLAGS.filter((flag) => optionOf(flag).only !== "flag" && isUsed(flag));
  const rows = shown.map((flag) => ({
    flag: `--${flag}`,
    origin: describeOrigin(resolved.origins[flag]),
    text: onOneLine(redact(flag, effectiveText(flag, resolved))),
  }));
  const flagWidth = Math.max(...rows.map((row) => row.flag.length));
  const originWidth = Math.max(...rows.map((row) => row.origin.length));
  io.out("config ok");
  io.out("");
  for (const { flag, origin, text } of rows) {
    io.out(`  ${flag.padEnd(flagWidth)}  ${origin.padEnd(originWidth)}  ${text}`);
  }
  const { strategy, data } = resolved.config;
  if (strategy === "recreate") {
    const changesData = data.migrate !== null || data.snapshot !== null;
    io.out("");
    io.out(`--strategy recreate: ${holdNote(resolved.config, changesData)}`);
  }
  return 0;
}

/** As it was written, unless reading changed it. */
function effectiveText(flag: Flag, { values, given, origins }: ResolvedOptions): string {
  const value = flag === "healthcheck" ? formatHealthCheck(values[flag]) : values[flag];
  const origin: Origin = origins[flag];
  const written = origin.from === "default"
    ? optionOf(flag).default
    : given.find((candidate) => candidate.flag === flag)?.text;
  return typeof value === "string" ? value : written ?? "";
}

function onOneLine(text: string): string {
  if (text === "") return "(none)";
  return /[^\x20-\x7e\xa0-\uffff]/.test(text) ? JSON.stringify(text) : text;
}

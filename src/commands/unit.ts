import type { Config } from "../config/config.ts";
import type { Given } from "../config/given.ts";
import { type Flag, optionOf } from "../config/options.ts";
import type { ResolvedOptions } from "../config/resolve.ts";
import { unitFile } from "../handover/unit_file.ts";

/** Longest that killing a process group and seeing its port free may take after the stop limit. */
const KILL_MS = 5_000;

/** `liveroll unit`: prints a systemd unit that runs liveroll with the same options. */
export function unit(resolved: ResolvedOptions): number {
  console.log(unitText(resolved).trimEnd());
  return 0;
}

/** Options that name a file or a directory. */
const FILES: readonly Flag[] = [
  "config",
  "tls-cert",
  "tls-key",
  "access-log",
  "state-dir",
  "release-root",
  "minisign-key",
  "control-token-file",
  "webhook-secret-file",
];

/** The unit. What came from the environment becomes a flag; what came from a file stays there. */
export function unitText({ config, given }: Pick<ResolvedOptions, "config" | "given">): string {
  return unitFile({
    description: `liveroll on port ${config.port}`,
    execPath: Deno.build.standalone ? Deno.execPath() : null,
    args: ["run", ...given.filter(belongsInUnit).flatMap(words)],
    stopLimitMs: stopLimitMs(config),
    childrenOutlive: config.childLogs === "inherit",
  });
}

function belongsInUnit({ flag, origin }: Given): boolean {
  return origin.from !== "file" && optionOf(flag).only !== "flag";
}

/** What was given several times is given several times in the unit. */
function words({ flag, text, origin }: Given): string[] {
  const texts = optionOf(flag).kind.isRepeated ? text.split("\n") : [text];
  return texts.map((one) => argument({ flag, text: one, origin }));
}

/** The unit runs in another directory: a file that was named from here needs its whole path. */
function argument({ flag, text }: Given): string {
  const isRelative = FILES.includes(flag) && !text.startsWith("/") && text !== "-";
  return `--${flag}=${isRelative ? `${Deno.cwd()}/${text}` : text}`;
}

function stopLimitMs({ drainTimeoutMs, tunnelGraceMs, stopTimeoutMs }: Config): number {
  return drainTimeoutMs + tunnelGraceMs + stopTimeoutMs + KILL_MS;
}

import type { LogLine } from "./event_log.ts";
import type { Liveroll } from "./liveroll.ts";

/** Goes on when the file `go` is there. */
export const WAITS = 'echo waiting; until test -e "$TOY_DIR/go"; do sleep 0.02; done';

/** Never ends by itself. */
export const NEVER_ENDS = "echo waiting; while :; do sleep 1; done";

/** Has to be killed. */
export const STUBBORN = `trap "" TERM; ${NEVER_ENDS}`;

/** Lets hooks go on that wait. */
export function letGo({ workspace }: Liveroll): void {
  Deno.writeTextFileSync(`${workspace.dir}/go`, "");
}

/** A line that a hook has printed. */
export function hookLine(liveroll: Liveroll, text: string, since = 0): Promise<LogLine> {
  const matches = (line: LogLine) => line.hook !== undefined && line.message === text;
  return liveroll.log.waitForLine(`a hook say ${text}`, matches, { since });
}

import type { Announcer } from "./announcer.ts";
import type { Chronicle } from "./chronicle.ts";
import type { Effects } from "./effects.ts";
import type { Errands } from "./errands.ts";
import type { Guard } from "./guard.ts";
import type { NextUp } from "./next_up.ts";
import type { Preferences } from "./preferences.ts";
import type { Requests } from "./requests.ts";
import type { Stage } from "./stage.ts";

/** Who has to come to an end before another liveroll goes on. */
export interface PutDownTools {
  effects: Pick<Effects, "source">;
  nextUp: Pick<NextUp, "giveUp">;
  errands: Pick<Errands, "settled">;
  preferences: Pick<Preferences, "idle">;
  requests: Pick<Requests, "endAll">;
}

/** Who has to come to an end with everything that runs. */
export interface ShutDownTools extends PutDownTools {
  effects: Pick<Effects, "source" | "traffic">;
  stage: Pick<Stage, "clear">;
  chronicle: Pick<Chronicle, "settled">;
  guard: Pick<Guard, "stop">;
  announcer: Pick<Announcer, "announce">;
}

/** What runs goes on. What was asked for is lost with this life, and told so. */
export async function putDown(tools: PutDownTools): Promise<void> {
  tools.nextUp.giveUp("another liveroll goes on");
  await tools.errands.settled();
  await tools.effects.source.idle();
  await tools.preferences.idle();
  tools.requests.endAll("interrupted", "another liveroll goes on");
}

/**
 * Drains, and stops everything that runs.
 *
 * @param drainTimeoutMs So long requests in flight may take.
 * @param forced Aborts when they are not waited for any more.
 */
export async function shutDown(
  tools: ShutDownTools,
  drainTimeoutMs: number,
  forced: AbortSignal,
): Promise<void> {
  const { effects, stage } = tools;
  tools.nextUp.giveUp("liveroll is stopping");
  tools.guard.stop();
  await effects.traffic.close(drainTimeoutMs, forced);
  await stage.clear();
  await tools.errands.settled();
  await stage.clear();
  await effects.source.idle();
  await tools.preferences.idle();
  tools.requests.endAll("interrupted", "liveroll has stopped");
  // The last words may still be on their way to a slow disk.
  await tools.chronicle.settled();
  tools.announcer.announce({ state: "stopped", detail: "stopped" });
}

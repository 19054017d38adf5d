import { assert, assertEquals } from "@std/assert";
import { CALL_VARIABLE } from "../../src/compose/program/left_over_calls.ts";
import { poll } from "../../src/platform/poll.ts";
import { type ContainerHost, type Seen, showingLog } from "./container_host.ts";
import { PATIENCE_MS } from "./event_log.ts";
import { type CrashPoint, describePoint, writeCrashPoint } from "./journal_crash_point.ts";
import { Liveroll, type LiverollOptions } from "./liveroll.ts";
import { assertNoneFailed, Load } from "./load.ts";

const PROGRAM = new URL("journal_crash_main.ts", import.meta.url).pathname;

/** A moment of a roll side by side, and who serves when liveroll comes back. */
export type RollKill = (CrashPoint | { during: "compose up" }) & { left: "old" | "new" };

/** One in each phase of a roll. */
export const ROLL_KILLS: readonly RollKill[] = [
  { step: "roll.began", when: "after", left: "old" },
  { step: "phase.ended", phase: "fetch", when: "after", left: "old" },
  { step: "instance.starting", when: "after", left: "old" },
  { step: "instance.started", when: "after", left: "old" },
  { step: "phase.ended", phase: "gate", when: "before", left: "old" },
  { step: "switch.intended", when: "after", left: "new" },
  { step: "switch.done", when: "after", left: "new" },
  { step: "drain.intended", when: "after", left: "new" },
  { step: "stop.intended", when: "after", left: "new" },
  { step: "instance.gone", when: "before", left: "new" },
];

/** Rolls of one container, in each of which liveroll is killed. */
export interface KilledRolls {
  host: ContainerHost;
  /** Of every liveroll. */
  options: LiverollOptions;
  /** The one that serves; it has to have been started by {@linkcode mortal}. */
  first: Liveroll;
  /** Whether a container is as it stays when nothing is under way. */
  isSettled(container: Seen): boolean;
  kills: readonly RollKill[];
}

/** With these options liveroll dies at the point that somebody writes to `file`. */
export function mortal(options: LiverollOptions, file: string): LiverollOptions {
  return { ...options, program: PROGRAM, env: { ...options.env, TOY_CRASH_AT: file } };
}

/**
 * Each time the next liveroll finds what serves, goes on to the version that was to come without
 * losing a request, and leaves nothing over.
 */
export async function assertKillsCostNothing(
  { host, options, first, isSettled, kills }: KilledRolls,
  test: Deno.TestContext,
): Promise<void> {
  // What the dead have begun may work on, so nothing of theirs is cleared away before the end.
  await using lives = new AsyncDisposableStack();
  let liveroll = lives.use(first);
  const file = options.env?.TOY_CRASH_AT ?? "";
  for (const [number, kill] of kills.entries()) {
    const version = `k${number + 1}`;
    await test.step({
      name: "during" in kill ? `during ${kill.during}` : describePoint(kill),
      ...UNCHECKED,
      async fn() {
        const { id, served } = await dieAt(host, liveroll, kill, { version, file });
        liveroll = lives.use(new Liveroll(options));
        await showingLog(liveroll, async () => {
          const { instance } = await liveroll.waitFor("instance.adopted");
          assertEquals(instance.id, served?.version);
          await using load = new Load(liveroll.port, { keepAlive: 1, fresh: 1 });
          const [now] = await host.containersWhen((all) =>
            all.length === 1 && all[0]?.version === id && isSettled(all[0])
          );
          await load.sees(version);
          assertNoneFailed(await load.stop());
          if (kill.left === "new") assertEquals(now?.id, served?.id);
        });
      },
    });
  }
}

/** Of a process that is started in one step and ends in another. */
const UNCHECKED = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false } as const;

/** Rolls to `version` and dies on the way. */
async function dieAt(
  host: ContainerHost,
  dying: Liveroll,
  kill: RollKill,
  { version, file }: { version: string; file: string },
): Promise<{ id: string; served: Seen | undefined }> {
  const [old] = await host.containersWhen((all) => all.length === 1);
  if (!("during" in kill)) writeCrashPoint(file, kill);
  const { id, since } = await host.offer(dying, version);
  if ("during" in kill) {
    await dying.waitFor("roll.phase", { name: "start" }, since);
    assert(await poll(() => makesContainers(dying), { timeoutMs: PATIENCE_MS }));
    dying.signal("SIGKILL");
  }
  assertEquals((await dying.end()).signal, "SIGKILL");
  if (!("during" in kill)) Deno.removeSync(file);
  const left = (await host.containers()).filter(({ state }) => state === "running");
  return { id, served: kill.left === "old" ? old : left.find((one) => one.version === id) };
}

/** Whether compose makes containers just now. */
function makesContainers(liveroll: Liveroll): boolean {
  return liveroll.descendants()
    .some(({ command, env }) => env[CALL_VARIABLE] !== undefined && / up /.test(command));
}

import { FLAWLESS, neverPasses } from "./conduct.ts";
import type { QuarantineEntry } from "../../src/roll/quarantine.ts";
import type { Life } from "./life.ts";
import type { Machine } from "./machine.ts";
import type { CalmPlan, Setup } from "./plan.ts";

/** Between two tries of somebody who wants something. */
const ASK_AGAIN_MS = 5_000;

/** For a slow gate, a back-off, a drain and a stop of what was under way. */
const SOME_TIME_MS = 80_000;

/** For a stop that takes its time. */
const LEAVING_MS = 5_000;

/** From here on the world is kind. */
export function calmDown(machine: Machine, plan: CalmPlan): void {
  const { weather, processes, disk, registry, fleet } = machine;
  machine.trace.note("calm", plan);
  weather.isCalm = true;
  weather.hooks = "working";
  weather.sniperMs = null;
  disk.isFull = false;
  void fleet.calmDown();
  processes.strangers.clear();
  registry.state = plan.registryDown ? "down" : "up";
  registry.mend((conduct) => {
    // What is broken stays broken; it must not be in the way of what is not.
    if (neverPasses(conduct)) return conduct;
    const healthyAfterMs = Math.min(conduct.healthyAfterMs, 300);
    return { ...FLAWLESS, healthyAfterMs, stopsInMs: Math.min(conduct.stopsInMs, 800) };
  });
  registry.publish(FLAWLESS);
  for (const process of processes.present()) {
    process.sickUntil = -Infinity;
    // Nobody can know of it: somebody looks for it and ends it.
    if (process.isKnown || machine.traffic === null || process.startedAt >= machine.lifeBegan) {
      continue;
    }
    machine.counts.add("unknown leftovers");
    process.end({ code: 137, signal: "SIGKILL" }, "crash");
    process.sweep();
  }
}

/** After so long everything should have come to rest, what is in quarantine by now as well. */
export function calmMs(
  { updater, window }: Setup,
  quarantine: readonly Pick<QuarantineEntry, "retryAt">[],
  now: number,
): number {
  const { intervalMs, cooldownMs, keepWarmMs, minHealthyMs } = updater;
  const waits = quarantine.map(({ retryAt }) => retryAt - now).filter(Number.isFinite);
  return SOME_TIME_MS + 2 * intervalMs + cooldownMs + keepWarmMs + minHealthyMs +
    (window?.periodMs ?? 0) + Math.max(0, ...waits);
}

/** What was replaced has left after so long. */
export function leavingMs(
  { updater: { keepWarmMs, minHealthyMs, drainTimeoutMs } }: Setup,
): number {
  return keepWarmMs + minHealthyMs + drainTimeoutMs + LEAVING_MS;
}

/** Takes back whatever was asked for, and wants the newest version until it has come. */
export async function cleanUp(life: Life, machine: Machine): Promise<void> {
  await life.set({ kind: "resume" });
  await life.set({ kind: "unpin" });
  await life.set({ kind: "release" });
  await life.set({ kind: "maintenance", message: null });
  if (machine.registry.state === "up") askForTheNewest(life, machine);
}

async function askForTheNewest(life: Life, machine: Machine): Promise<void> {
  if (!life.isOn || life.stopsAsked > 0) return;
  if (life.traffic.target?.id === machine.registry.newest) return;
  await life.order({ kind: "retry" });
  machine.clock.after(ASK_AGAIN_MS, () => void askForTheNewest(life, machine));
}

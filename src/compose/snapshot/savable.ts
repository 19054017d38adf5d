import type { MountModel, ServiceModel, StackModel } from "../model.ts";
import { selectMounts, type SkippedMount } from "./mounts.ts";

/** What is here is gone with the next boot anyway. */
const FLEETING = /^\/(?:dev|proc|run|sys)(?:\/|$)/;

const INSTEAD = "use --snapshot command:CMD with a command that prints the data";

/**
 * Why what was skipped must not be: it would not be put back, and nobody may say that it was.
 *
 * @returns Null: nothing of it matters.
 */
export function whyNotSaved(skipped: readonly SkippedMount[]): string | null {
  const lost = skipped.filter(({ name }) => !FLEETING.test(name));
  if (lost.length === 0) return null;
  const what = lost.map(({ name, why }) => `${name} cannot be copied: ${why}`).join(", ");
  return `${what}; mount it read-only, or ${INSTEAD}`;
}

/** Whether a service can change what is behind a mount, and it is there after the service. */
export function holdsData({ type, source, isReadOnly }: MountModel): boolean {
  const isLasting = (type === "volume" || type === "bind") && source !== null;
  // Sockets are written to, too, and hold no data.
  return isLasting && !isReadOnly && !source.endsWith(".sock");
}

/**
 * Sees that everything that services write to can be copied, and nobody else writes to it.
 *
 * @throws {Error} When it cannot; the message has the fix.
 */
export async function requireSavable(
  services: readonly ServiceModel[],
  model: StackModel,
): Promise<void> {
  const names = services.map(({ name }) => name).join(", ");
  const mounts = services.flatMap((service) => service.mounts.filter(holdsData));
  if (mounts.length === 0) {
    throw new Error(
      `Cannot take snapshots of ${names}: the compose file has no writable volume or directory ` +
        "there",
    );
  }
  const problem = notPlain(mounts, model) ?? otherWriter(mounts, services, model) ??
    whyNotSaved((await selectMounts({ mounts }, model, NOWHERE)).skipped);
  if (problem !== null) throw new Error(`Cannot take snapshots of ${names}: ${problem}`);
}

/** Where volumes are does not matter yet. */
const NOWHERE = { volumeMountpoint: () => Promise.resolve(null) };

/** Such a volume is only there while a container uses it, or somewhere else. */
function notPlain(mounts: readonly MountModel[], { volumes }: StackModel): string | null {
  const odd = mounts.find(({ type, source }) =>
    type === "volume" && volumes.get(source!)?.isPlain === false
  );
  if (odd === undefined) return null;
  return `the volume ${odd.source} has a driver or driver_opts of its own; ${INSTEAD}`;
}

/** Who is not replaced goes on writing while its data is copied, and put back. */
function otherWriter(
  mounts: readonly MountModel[],
  updated: readonly ServiceModel[],
  { services }: StackModel,
): string | null {
  for (const { name, mounts: theirs } of services.values()) {
    if (updated.some((service) => service.name === name)) continue;
    const shared = theirs.filter(holdsData).find(({ type, source }) =>
      mounts.some((mount) => mount.type === type && mount.source === source)
    );
    if (shared === undefined) continue;
    return `the service ${name} writes to ${shared.source}, too, and is not replaced with them; ` +
      `mount it there read-only (${shared.source}:${shared.target}:ro), or ${INSTEAD}`;
  }
  return null;
}

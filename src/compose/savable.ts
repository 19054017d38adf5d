import { COMMAND_INSTEAD } from "../data/snapshot/archiver.ts";
import { selectMounts, whyNotSaved, type WrittenPlace } from "../data/snapshot/mounts.ts";
import type { MountModel, ServiceModel, StackModel } from "./model.ts";

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
    whyNotSaved((await selectMounts(mounts.map(placeOf), NOWHERE)).skipped);
  if (problem !== null) throw new Error(`Cannot take snapshots of ${names}: ${problem}`);
}

/** Where volumes are does not matter yet. */
const NOWHERE = { volumeMountpoint: () => Promise.resolve(null) };

function placeOf({ type, source, target }: MountModel): WrittenPlace {
  return { kind: type === "bind" ? "bind" : "volume", source: source!, target };
}

/** Such a volume is only there while a container uses it, or somewhere else. */
function notPlain(mounts: readonly MountModel[], { volumes }: StackModel): string | null {
  const odd = mounts.find(({ type, source }) =>
    type === "volume" && volumes.get(source!)?.isPlain === false
  );
  if (odd === undefined) return null;
  return `the volume ${odd.source} has a driver or driver_opts of its own; ${COMMAND_INSTEAD}`;
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
      `mount it there read-only (${shared.source}:${shared.target}:ro), or ${COMMAND_INSTEAD}`;
  }
  return null;
}

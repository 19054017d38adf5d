import type { Remnant } from "./instance.ts";
import type { InstanceRef } from "./events.ts";

/** Names an instance in an event. */
export function refer({ key, id, port, pid }: Remnant): InstanceRef {
  return { key, id, port, pid };
}

import type { Instance } from "./instance.ts";
import type { InstanceRef } from "./events.ts";

/** Names an instance in an event. */
export function refer({ key, id, port, pid }: Instance): InstanceRef {
  return { key, id, port, pid };
}

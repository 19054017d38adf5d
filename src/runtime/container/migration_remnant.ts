import type { DataChange } from "../../roll/data_changes.ts";
import type { Remnant } from "../../roll/instance.ts";

/**
 * A container that changes data, and could not be removed.
 *
 * @param remove Tries that again.
 */
export function remnantOf(
  { roll, to }: Pick<DataChange, "roll" | "to">,
  remove: () => Promise<void>,
): Remnant {
  return {
    key: `i${roll}`,
    id: to,
    port: 0,
    pid: 0,
    stop: () => remove().then(() => "killed" as const, () => "survived" as const),
  };
}

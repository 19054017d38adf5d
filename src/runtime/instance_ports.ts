import type { ProcessRuntimeOptions } from "./process.ts";

/** All ports of the child that gets `port`, that one first. */
export function portsOf(
  port: number,
  { healthPortOffset, portOffsets = [], fixedPorts = [] }: Pick<
    ProcessRuntimeOptions,
    "healthPortOffset" | "portOffsets" | "fixedPorts"
  >,
): ReadonlySet<number> {
  const own = [0, healthPortOffset, ...portOffsets].map((offset) => port + offset);
  return new Set([...own, ...fixedPorts]);
}

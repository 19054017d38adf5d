import type { EngineName } from "../proxy/engines.ts";
import type { Metric } from "./metric.ts";
import { PROCESS_LIST } from "./process_list.ts";
import { HTTP_LIST, TCP_LIST } from "./request_list.ts";
import { ROLL_LIST } from "./roll_list.ts";

/** Everything that is told with this engine, always in the same order. */
export function metricsOf(engine: EngineName): readonly Metric[] {
  return [...ROLL_LIST, ...(engine === "tcp" ? TCP_LIST : HTTP_LIST), ...PROCESS_LIST];
}

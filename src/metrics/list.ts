import type { Engine } from "../config/config.ts";
import type { Metric } from "./metric.ts";
import { REPLICA_LIST } from "./replica_list.ts";
import { PROCESS_LIST } from "./process_list.ts";
import { HTTP_LIST, TCP_LIST } from "./request_list.ts";
import { ROLL_LIST } from "./roll_list.ts";

/** What is seen of the traffic. */
const REQUESTS_OF: Readonly<Record<Engine, readonly Metric[]>> = {
  relay: HTTP_LIST,
  fetch: HTTP_LIST,
  tcp: TCP_LIST,
  // It does not pass through here.
  direct: [],
};

/**
 * Everything that is told with this engine, always in the same order.
 *
 * @param options `inContainers`: versions run in containers, of which more is told. @default {false}
 */
export function metricsOf(
  engine: Engine,
  { inContainers = false }: { inContainers?: boolean } = {},
): readonly Metric[] {
  const replicas = inContainers ? REPLICA_LIST : [];
  return [...ROLL_LIST, ...replicas, ...REQUESTS_OF[engine], ...PROCESS_LIST];
}

import type { EngineOptions } from "../engine.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Buffers } from "./buffers.ts";
import type { UpstreamPool } from "./upstream_pool.ts";

/** What all connections of one relay share. */
export interface Relay {
  readonly options: EngineOptions;
  readonly deadlines: Deadlines;
  readonly buffers: Buffers;
  readonly upstreams: UpstreamPool;
  /** No connection is kept any longer than its request needs. */
  readonly stopping: boolean;
  /**
   * While stopping: how long a connection that rests may still bring one more request, in
   * milliseconds, from the end of an answer that did not say that it was the last one. 0: not at all.
   */
  readonly lastRequestMs: number;
}

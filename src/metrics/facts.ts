import type { CountersSnapshot } from "../proxy/counters.ts";
import type { ProcessFacts } from "./process_facts.ts";
import type { RollCounts } from "./roll_metrics.ts";

/** Everything that metrics are made of, at one moment. */
export interface Facts {
  readonly app: string;
  /** Of liveroll. */
  readonly version: string;
  /** Counted from events. */
  readonly counts: RollCounts;
  /** Of the version that serves; null: none does. */
  readonly currentId: string | null;
  /** Containers of the version that serves; none without containers. */
  readonly replicas: { readonly wanted: number; readonly well: number };
  /** Versions in quarantine. */
  readonly quarantined: number;
  /** What is done can be written down. */
  readonly isWritable: boolean;
  /** Nothing is started until somebody has seen to the data. */
  readonly isDataBroken: boolean;
  readonly settings: {
    readonly paused: boolean;
    readonly pinned: string | null;
    readonly held: boolean;
    readonly maintenance: string | null;
  };
  readonly requests: CountersSnapshot;
  readonly process: ProcessFacts;
}

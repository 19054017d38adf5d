import type { DataRecord } from "../../src/data/data_record.ts";

/** The data of the application, as it lies on the disk of the machine. */
export interface DataState {
  /** The version that can live with it; null: any. */
  readonly fits: string | null;
  /** A migration has begun and not ended. */
  readonly isHalf: boolean;
}

/** The data, its copies, and what is written down of its changes. */
export class SimData {
  /** Told of every time that a copy is put back, before it is done. */
  onRestore: (record: DataRecord | null) => void = () => {};
  state: DataState = { fits: null, isHalf: false };
  /** What a life finds when it begins. */
  record: DataRecord | null = null;
  readonly snapshots = new Map<string, DataState>();
}

import type { Ending } from "../renewed.ts";

/** Who asks. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null: the keys are good without. */
  readonly sessionToken: string | null;
}

/** Keys and how long they are good; null keys: nobody in particular asks. */
export interface KeysForATime extends Ending {
  readonly keys: AwsKeys | null;
}

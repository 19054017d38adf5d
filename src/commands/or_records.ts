import { NotRunningError } from "../control/client/errors.ts";
import type { ControlClient } from "../control/client/control_client.ts";
import { type Records, recordsOf } from "./records.ts";
import type { Talk } from "./talk.ts";

/**
 * Asks the running liveroll, or its records if it does not run; a note on standard error says so.
 *
 * @throws {NotRunningError} When there are no records either.
 * @throws What `ask` throws.
 */
export async function orRecords<T>(
  talk: Talk,
  ask: (client: ControlClient) => Promise<T>,
  lookUp: (records: Records) => T,
): Promise<T> {
  try {
    return await ask(talk.client);
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    using records = await recordsOf(talk);
    if (records === null) throw error;
    const answer = lookUp(records);
    talk.io.err("liveroll: not running; from the records");
    return answer;
  }
}

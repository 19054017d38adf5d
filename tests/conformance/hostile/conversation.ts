import { delay } from "@std/async/delay";
import { Buffer } from "node:buffer";
import { RawConnection } from "../raw.ts";
import { type ReadAnswer, readAnswers } from "./answer_reader.ts";

/** What a client got for its bytes. */
export interface Heard {
  readonly bytes: string;
  /** `silent`: nothing came for some seconds, and the connection is still open. */
  readonly end: "closed" | "reset" | "silent";
}

/**
 * Sends everything and reads until the other side closes.
 *
 * @param cuts Positions in `bytes`, ascending, where a write ends.
 */
export async function converse(
  port: number,
  bytes: string,
  cuts: readonly number[] = [],
): Promise<Heard> {
  await using client = await RawConnection.open(port);
  // The other side may refuse before it has read everything; its answer is what counts then.
  const sent = sendPieces(client, bytes, cuts).catch(() => {});
  const heard = await listen(client, () => {});
  client.close();
  await sent;
  return heard;
}

async function sendPieces(
  client: RawConnection,
  bytes: string,
  cuts: readonly number[],
): Promise<void> {
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    await client.writeBytes(Buffer.from(bytes.slice(from, to), "latin1"));
    from = to;
    // The other side, in this very process, gets a chance to read.
    if (to < bytes.length) await delay(0);
  }
}

/** Sends everything, reads as many answers, and then leaves; reads on until the other side closes. */
export async function leave(port: number, bytes: string, answers: number): Promise<Heard> {
  await using client = await RawConnection.open(port);
  await client.writeBytes(Buffer.from(bytes, "latin1"));
  let left = false;
  const leaveIfAnswered = async (heard: string) => {
    if (left || readAnswers(heard, []).answers.filter(isComplete).length < answers) return;
    left = true;
    await client.closeWrite();
  };
  await leaveIfAnswered("");
  return await listen(client, leaveIfAnswered);
}

async function listen(
  client: RawConnection,
  onBytes: (heard: string) => Promise<void> | void,
): Promise<Heard> {
  let bytes = "";
  try {
    for (let more = await client.read(); more !== null; more = await client.read()) {
      bytes += more;
      await onBytes(bytes);
    }
    return { bytes, end: client.wasReset ? "reset" : "closed" };
  } catch {
    return { bytes, end: "silent" };
  }
}

function isComplete({ complete }: ReadAnswer): boolean {
  return complete;
}

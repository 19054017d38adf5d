import { closeStream } from "./close_stream.ts";
import type { Deadlines } from "./deadlines.ts";
import { readProxyHeader } from "./proxy_protocol.ts";
import type { Accepted, ByteStream } from "./stream.ts";

/** Room for the longest header that is accepted. */
const PRELUDE_BYTES = 8192;

/** A connection whose peer said on whose behalf it comes. */
export interface Introduced {
  /** Encrypted, if the listener is. */
  readonly stream: ByteStream;
  /** Address of the client; of the peer where it speaks for itself. */
  readonly ip: string;
  readonly port: number;
  /** What was read from {@linkcode Introduced.stream} already. */
  readonly rest: Uint8Array;
}

/**
 * Reads the PROXY protocol header at the beginning of a connection.
 *
 * @param timeoutMs Time for all of it; 0: no limit.
 * @returns Null when it is malformed or did not come in time; the connection is closed then. Never
 * rejects.
 */
export async function readPrelude(
  accepted: Accepted,
  deadlines: Deadlines,
  timeoutMs: number,
): Promise<Introduced | null> {
  const { stream } = accepted;
  const timed = { deadlineAt: Infinity, onDeadline: () => closeStream(stream) };
  deadlines.add(timed);
  timed.deadlineAt = deadlines.in(timeoutMs);
  try {
    const introduced = await introduce(accepted);
    if (introduced === null) closeStream(stream);
    return introduced;
  } catch {
    closeStream(stream);
    return null;
  } finally {
    deadlines.remove(timed);
  }
}

async function introduce(accepted: Accepted): Promise<Introduced | null> {
  const bytes = new Uint8Array(PRELUDE_BYTES);
  for (let end = 0; end < bytes.length;) {
    const count = await accepted.stream.read(bytes.subarray(end));
    if (count === null) return null;
    end += count;
    const header = readProxyHeader(bytes, 0, end);
    if (header.kind === "bad") return null;
    if (header.kind === "header") {
      const { ip, port } = header.source ?? accepted;
      const rest = bytes.subarray(header.end, end);
      if (!accepted.secure) return { stream: accepted.stream, ip, port, rest };
      return { stream: accepted.secure(rest), ip, port, rest: new Uint8Array() };
    }
  }
  return null;
}

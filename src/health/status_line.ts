const MAX_HEAD_BYTES = 16 * 1024;
const CRLF = "\r\n";

/** Something that can be read, for example a connection. */
export interface Readable {
  read(buffer: Uint8Array): Promise<number | null>;
}

/**
 * Reads the final status code of an HTTP/1 answer; interim answers (1xx) are skipped.
 *
 * @throws {SyntaxError} When it is not an HTTP/1 answer, or none at all.
 */
export async function readStatus(connection: Readable): Promise<number> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(4 * 1024);
  for (let text = ""; text.length < MAX_HEAD_BYTES;) {
    const count = await connection.read(buffer);
    if (count === null) throw endedEarly(text);
    text = skipInterim(text + decoder.decode(buffer.subarray(0, count)));
    const status = statusOf(text);
    if (status !== null && status >= 200) return status;
  }
  throw new SyntaxError(`not HTTP: no status within ${MAX_HEAD_BYTES} bytes`);
}

/** Null while the line is incomplete. */
function statusOf(text: string): number | null {
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end).trimEnd();
  const isPossible = "HTTP/1.".startsWith(line.slice(0, 7));
  if (!isPossible) throw notHttp(text);
  if (end < 0) return null;
  const status = /^HTTP\/1\.\d (\d{3})( |$)/.exec(line)?.[1];
  if (status === undefined) throw notHttp(text);
  return Number(status);
}

function skipInterim(text: string): string {
  const isInterim = /^HTTP\/1\.\d 1\d\d/.test(text);
  const end = text.indexOf(CRLF + CRLF);
  return isInterim && end >= 0 ? skipInterim(text.slice(end + 4)) : text;
}

function notHttp(text: string): SyntaxError {
  return new SyntaxError(`not HTTP: ${JSON.stringify(text.slice(0, 40))}`);
}

function endedEarly(text: string): SyntaxError {
  return text === "" ? new SyntaxError("closed without an answer") : notHttp(text);
}

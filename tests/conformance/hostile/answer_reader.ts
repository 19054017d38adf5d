/** A strict reader of HTTP/1.1 answers, written from RFC 9112 alone. */

/** One answer; interim ones are skipped. */
export interface ReadAnswer {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Names of its trailers, lower-case. */
  readonly trailers: readonly string[];
  /** Its content, as far as it came. */
  readonly body: string;
  /** False when the connection ended too early. */
  readonly complete: boolean;
  /** It ended with the connection, for want of a length. */
  readonly untilClose: boolean;
}

/** What a client got until the connection ended. */
export interface AnswersRead {
  readonly answers: readonly ReadAnswer[];
  readonly interim: readonly number[];
  /** Bytes that are no answer; must not happen. */
  readonly junk: string;
}

type Content = Omit<ReadAnswer, "status" | "fields"> & { used: number };

const EMPTY: Content = { body: "", trailers: [], complete: true, untilClose: false, used: 0 };

const HEAD =
  /^HTTP\/1\.[01] (\d{3})(?: [^\r\n\0]*)?\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n)*)\r\n/;

/** Reads a whole connection; `methods` are those of the requests, `GET` beyond them. */
export function readAnswers(bytes: string, methods: readonly string[]): AnswersRead {
  const answers: ReadAnswer[] = [];
  const interim: number[] = [];
  let rest = bytes;
  while (rest !== "") {
    const [head, digits, lines = ""] = HEAD.exec(rest) ?? [];
    if (head === undefined) return { answers, interim, junk: rest };
    const status = Number(digits);
    rest = rest.slice(head.length);
    if (status < 200 && status !== 101) {
      interim.push(status);
      continue;
    }
    const fields = lines.split("\r\n").filter(Boolean).map(field);
    const { used, ...content } = readContent(
      rest,
      status,
      methods[answers.length] ?? "GET",
      fields,
    );
    answers.push({ status, fields, ...content });
    rest = rest.slice(used);
  }
  return { answers, interim, junk: "" };
}

function field(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function readContent(
  bytes: string,
  status: number,
  method: string,
  fields: readonly (readonly [string, string])[],
): Content {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return EMPTY;
  }
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length + codings.length > 1) throw new Error("Cannot read: two framings");
  if (codings.length === 1) return readChunks(bytes);
  const [length] = lengths;
  if (length === undefined) {
    return { ...EMPTY, body: bytes, untilClose: true, used: bytes.length };
  }
  const body = bytes.slice(0, Number(length));
  return { ...EMPTY, body, complete: body.length === Number(length), used: body.length };
}

function valuesOf(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.filter(([other]) => other === name).map(([, value]) => value);
}

function readChunks(bytes: string): Content {
  let body = "";
  let at = 0;
  for (;;) {
    const [line, digits] = /^([0-9A-Fa-f]{1,16})\r\n/.exec(bytes.slice(at, at + 20)) ?? [];
    const size = parseInt(digits ?? "", 16);
    if (line === undefined) break;
    at += line.length;
    if (size === 0) {
      const [section] = /^(?:[^\r\n]+\r\n)*\r\n/.exec(bytes.slice(at)) ?? [];
      if (section === undefined) break;
      const trailers = section.split("\r\n").filter(Boolean).map((line) => field(line)[0]);
      return { ...EMPTY, body, trailers, used: at + section.length };
    }
    body += bytes.slice(at, at + size);
    at += size;
    if (!bytes.startsWith("\r\n", at)) break;
    at += 2;
  }
  return { ...EMPTY, body, complete: false, used: bytes.length };
}

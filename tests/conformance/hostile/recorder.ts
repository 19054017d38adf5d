import { RawUpstream } from "../raw.ts";
import { type ReadRequest, readRequests } from "./reference.ts";
import type { Message } from "./request_case.ts";

const OK = "HTTP/1.1 200 OK";
/** So that two answers to one request are the same. */
const DATE = "Date: Thu, 01 Jan 1970 00:00:00 GMT";

/** A request as an application told of it. */
export interface Seen extends Message {
  /** Names of header fields and, after `trailer `, of trailers, lower-case; null where the application does not tell. */
  readonly names: readonly string[] | null;
}

/** An application that reads strictly, remembers everything and answers with what it saw. */
export class Recorder implements AsyncDisposable {
  readonly #upstream: RawUpstream;
  readonly records: Seen[] = [];
  /** Messages that no proxy may send. */
  readonly faults: string[] = [];
  /** All bytes, in the order in which they came, whatever the connection. */
  wire = "";

  constructor() {
    this.#upstream = new RawUpstream(async (conn) => {
      let rest = "";
      let continued = false;
      for (let more = await conn.read(); more !== null; more = await conn.read()) {
        this.wire += more;
        rest += more;
        const { requests, end, fault, pending } = readRequests(rest, "proxy");
        rest = rest.slice(end);
        for (const request of requests) await conn.write(this.#answer(request));
        if (fault !== null) {
          this.faults.push(fault);
          return;
        }
        const expects = /\r\nexpect: *100-continue/i.test(pending ?? "");
        if (expects && !continued) await conn.write("HTTP/1.1 100 Continue\r\n\r\n");
        continued = expects;
      }
    });
  }

  get port(): number {
    return this.#upstream.port;
  }

  get connections(): number {
    return this.#upstream.connections;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#upstream[Symbol.asyncDispose]();
  }

  #answer({ method, target, body, fields, trailers }: ReadRequest): string {
    const names = [
      ...fields.map(([name]) => name),
      ...trailers.map(([name]) => `trailer ${name}`),
    ];
    this.records.push({ method, target, body, names });
    const echo = ascii({ method, target, body });
    const head = [OK, DATE, `Content-Length: ${echo.length}`, "", ""].join("\r\n");
    return method === "HEAD" ? head : head + echo;
  }
}

/** As JSON in which every character is one byte. */
export function ascii(message: Message): string {
  return JSON.stringify(message).replace(
    /[\x80-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

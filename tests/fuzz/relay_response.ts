import { createResponseFilter } from "../../src/proxy/relay/body/create_filter.ts";
import { LAST_CHUNK } from "../../src/proxy/relay/body/chunk_encoder.ts";
import { ByteWriter } from "../../src/proxy/relay/byte_writer.ts";
import type { ResponseContext, ResponseHead } from "../../src/proxy/relay/head/heads.ts";
import { readResponseHead } from "../../src/proxy/relay/head/response_head.ts";
import { toText } from "./bytes.ts";
import { LIMITS } from "./relay_request.ts";
import { Wire } from "./wire.ts";

/** What the relay made of one answer. */
export interface RelayedResponse {
  /** `accepted`, `unfinished` or `bad`; a fault in the body has the status 502. */
  verdict: string;
  detail: string;
  status: number;
  /** Head and body for the client. */
  forwarded: string;
  content: number;
  /** What else the relay takes from the head; null when that is bad. */
  head: ResponseHead | null;
  /** Bytes that were used. */
  used: number;
}

/** What answers are read with; the connection with the backend ends behind the last packet. */
export function responseContexts(method: string): ResponseContext[] {
  const common = { method, keepAlive: true, upgrade: null, limits: LIMITS };
  return [
    { ...common, minor: 0 },
    { ...common, minor: 1 },
    { ...common, minor: 1, keepAlive: false, upgrade: "websocket" },
  ];
}

/** Reads the answers to one request as the relay does: interim ones, then the final one. */
export function relayResponses(
  packets: readonly string[],
  context: ResponseContext,
): RelayedResponse[] {
  const wire = new Wire(packets);
  const responses: RelayedResponse[] = [];
  let goesOn = true;
  while (goesOn) {
    const response = relayOne(wire, context);
    responses.push(response);
    goesOn = response.verdict === "accepted" && response.status < 200 && response.status !== 101;
  }
  return responses;
}

function relayOne(wire: Wire, context: ResponseContext): RelayedResponse {
  const from = wire.used;
  const end = wire.headEnd(LIMITS.maxHeadBytes);
  if (end < 0) {
    const isLong = wire.end - wire.start > LIMITS.maxHeadBytes;
    return { ...NOTHING, verdict: isLong ? "bad" : "unfinished" };
  }
  const out = new ByteWriter(16);
  const head = readResponseHead(wire.bytes, wire.start, end, context, out);
  if (head.kind === "bad") return { ...NOTHING, detail: head.detail };
  wire.start = end;
  const filter = createResponseFilter(head.framing, head.clientFraming, LIMITS);
  const body = wire.body(filter);
  const isComplete = filter.fault === null && (filter.done || filter.completeAtEnd());
  return {
    verdict: isComplete ? "accepted" : filter.fault ? `${filter.fault.status}` : "unfinished",
    detail: filter.fault?.detail ?? "",
    status: head.status,
    forwarded: toText(out.view()) + encoded(body, head),
    content: filter.content,
    head,
    used: wire.used - from,
  };
}

const NOTHING = {
  verdict: "bad",
  detail: "",
  status: 0,
  forwarded: "",
  content: 0,
  head: null,
  used: 0,
};

/** A body without an end gets chunks for a client that knows them; one, here. */
function encoded(body: string, { framing, clientFraming }: ResponseHead): string {
  if (framing.kind !== "close" || clientFraming.kind !== "chunked") return body;
  const chunk = body === "" ? "" : `${body.length.toString(16)}\r\n${body}\r\n`;
  return chunk + toText(LAST_CHUNK);
}

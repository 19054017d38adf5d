import { DEFAULT_LIMITS, type Limits } from "../../src/proxy/limits.ts";
import { createRequestFilter } from "../../src/proxy/relay/body/create_filter.ts";
import { ByteWriter } from "../../src/proxy/relay/byte_writer.ts";
import { skipEmptyLines } from "../../src/proxy/relay/head/head_end.ts";
import type { RequestContext, RequestHead } from "../../src/proxy/relay/head/heads.ts";
import { oversizedHead, readRequestHead } from "../../src/proxy/relay/head/request_head.ts";
import type { Refusal } from "../../src/proxy/relay/refusal.ts";
import { toText } from "./bytes.ts";
import { Wire } from "./wire.ts";

const CR = 0x0d;

/** Small, so that they are met. */
export const LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  maxHeadBytes: 4096,
  maxHeaders: 40,
  maxTargetBytes: 1000,
};

/** What the relay made of one request. */
export interface RelayedRequest {
  /** `accepted`, `unfinished`, or the status of the refusal. */
  verdict: string;
  detail: string;
  method: string;
  /** Head and body for the backend; empty when the head was refused. */
  forwarded: string;
  /** Bytes of content. */
  content: number;
  /** What else the relay takes from the head; null when it was refused. */
  head: RequestHead | null;
  /** Bytes that were used, empty lines before the request included. */
  used: number;
}

/** What all requests are read with. */
export function requestContext(trusted: boolean): RequestContext {
  return {
    ip: "192.0.2.1",
    trusted,
    proto: "http",
    limits: LIMITS,
    forwarded: trusted,
    via: trusted ? "liveroll" : null,
  };
}

/** Reads a connection's requests as the relay does, until one is refused or the last. */
export function relayRequests(
  packets: readonly string[],
  context: RequestContext,
): RelayedRequest[] {
  const wire = new Wire(packets);
  const requests: RelayedRequest[] = [];
  let goesOn = true;
  while (goesOn) goesOn = relayOne(wire, context, requests);
  return requests;
}

function relayOne(wire: Wire, context: RequestContext, requests: RelayedRequest[]): boolean {
  const from = wire.used;
  skipEmpty(wire);
  if (wire.start === wire.end) return false;
  const end = wire.headEnd(LIMITS.maxHeadBytes);
  const out = new ByteWriter(16);
  const head = end < 0
    ? unfinished(wire)
    : readRequestHead(wire.bytes, wire.start, end, context, out);
  if (head === null || head.kind === "refused") {
    requests.push({ ...NOTHING, ...refused(head), used: wire.used - from });
    return false;
  }
  wire.start = end;
  const filter = createRequestFilter(head.framing, LIMITS);
  const body = wire.body(filter);
  requests.push({
    ...(filter.done ? ACCEPTED : refused(filter.fault)),
    method: head.method,
    forwarded: toText(out.view()) + body,
    content: filter.content,
    head,
    used: wire.used - from,
  });
  return filter.done && head.keepAlive && head.upgrade === null;
}

/** What to make of a head whose end does not come. */
function unfinished({ bytes, start, end }: Wire): Refusal | null {
  return end - start > LIMITS.maxHeadBytes ? oversizedHead(bytes, start, end, LIMITS) : null;
}

/** Skips the empty lines before a request, also those that come in pieces. */
function skipEmpty(wire: Wire): void {
  do {
    wire.start = skipEmptyLines(wire.bytes, wire.start, wire.end);
    const rest = wire.end - wire.start;
    if (rest > 1 || (rest === 1 && wire.bytes[wire.start] !== CR)) return;
  } while (wire.more());
}

const ACCEPTED = { verdict: "accepted", detail: "" };
const NOTHING = { method: "", forwarded: "", content: 0, head: null };

function refused(refusal: Refusal | null): { verdict: string; detail: string } {
  if (refusal === null) return { verdict: "unfinished", detail: "" };
  return { verdict: `${refusal.status}`, detail: refusal.detail };
}

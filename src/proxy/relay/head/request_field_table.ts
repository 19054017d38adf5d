import { FieldTable, type KnownField } from "./field_table.ts";

export const HOST = 1;
export const CONTENT_LENGTH = 2;
export const TRANSFER_ENCODING = 3;
export const CONNECTION = 4;
export const EXPECT = 5;
export const UPGRADE = 6;
export const TE = 7;
export const TRAILER = 8;
export const MAX_FORWARDS = 9;
export const IDEMPOTENCY_KEY = 10;
/** Fields that concern this connection, or this proxy, only. */
export const ENDS_HERE = 11;
/** From here on the fields say where a request came from. */
export const FORWARDED_FOR = 12;
export const FORWARDED_HOST = 13;
export const FORWARDED_PROTO = 14;
export const FORWARDED_PORT = 15;
export const REAL_IP = 16;
const OTHER_FORWARDING = 17;
/** Looks like one of them to CGI and WSGI applications, and no honest proxy writes it. */
export const FORGED_FORWARDING = 18;

/** The fields of a request that the relay cares about. */
export const REQUEST_FIELDS = new FieldTable([
  { name: "host", id: HOST },
  // In the environment of a CGI or WSGI application `_` and `-` are the same.
  { name: "content-length", id: CONTENT_LENGTH, underscoredId: ENDS_HERE },
  { name: "transfer-encoding", id: TRANSFER_ENCODING, underscoredId: ENDS_HERE },
  { name: "connection", id: CONNECTION },
  { name: "expect", id: EXPECT },
  { name: "upgrade", id: UPGRADE },
  { name: "te", id: TE },
  { name: "trailer", id: TRAILER },
  { name: "max-forwards", id: MAX_FORWARDS },
  { name: "idempotency-key", id: IDEMPOTENCY_KEY },
  { name: "x-idempotency-key", id: IDEMPOTENCY_KEY },
  { name: "keep-alive", id: ENDS_HERE },
  { name: "proxy-connection", id: ENDS_HERE },
  { name: "proxy-authenticate", id: ENDS_HERE },
  { name: "proxy-authorization", id: ENDS_HERE },
  { name: "http2-settings", id: ENDS_HERE },
  forwarding("x-forwarded-for", FORWARDED_FOR),
  forwarding("x-forwarded-host", FORWARDED_HOST),
  forwarding("x-forwarded-proto", FORWARDED_PROTO),
  forwarding("x-forwarded-port", FORWARDED_PORT),
  forwarding("x-real-ip", REAL_IP),
  forwarding("x-forwarded-server", OTHER_FORWARDING),
  forwarding("forwarded", OTHER_FORWARDING),
]);

function forwarding(name: string, id: number): KnownField {
  return { name, id, underscoredId: FORGED_FORWARDING };
}

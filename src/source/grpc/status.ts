import { RegistryError, type RegistryErrorKind } from "../registry.ts";

const OK = 0;

/** Names and meanings of the codes that gRPC has. */
const CODES: readonly (readonly [name: string, kind: RegistryErrorKind])[] = [
  ["OK", "invalid"],
  ["CANCELLED", "unreachable"],
  ["UNKNOWN", "invalid"],
  ["INVALID_ARGUMENT", "invalid"],
  ["DEADLINE_EXCEEDED", "unreachable"],
  ["NOT_FOUND", "not_found"],
  ["ALREADY_EXISTS", "invalid"],
  ["PERMISSION_DENIED", "unauthorized"],
  ["RESOURCE_EXHAUSTED", "rate_limited"],
  ["FAILED_PRECONDITION", "invalid"],
  ["ABORTED", "unreachable"],
  ["OUT_OF_RANGE", "invalid"],
  ["UNIMPLEMENTED", "invalid"],
  ["INTERNAL", "unreachable"],
  ["UNAVAILABLE", "unreachable"],
  ["DATA_LOSS", "unreachable"],
  ["UNAUTHENTICATED", "unauthorized"],
];

/** Words of a server are cut after so many characters. */
const MAX_WORDS = 200;

/** Headers or trailers of an answer. */
export type Metadata = Readonly<Record<string, unknown>>;

/**
 * Reads how a call ended.
 *
 * @param what What was asked, for the message.
 * @throws {RegistryError} When it did not end well.
 */
export function checkStatus(what: string, headers: Metadata, trailers: Metadata): void {
  const httpStatus = Number(headers[":status"]);
  const text = trailers["grpc-status"] ?? headers["grpc-status"];
  if (text === undefined) {
    if (httpStatus === 200 || Number.isNaN(httpStatus)) {
      throw new RegistryError("unreachable", `Cannot ${what}: it broke off`);
    }
    throw new RegistryError(kindOfHttp(httpStatus), `Cannot ${what}: it answered ${httpStatus}`);
  }
  const code = Number(text);
  if (code === OK) return;
  const [name, kind] = CODES[code] ?? [`the status ${JSON.stringify(String(text))}`, "invalid"];
  const words = readWords(trailers["grpc-message"] ?? headers["grpc-message"]);
  throw new RegistryError(kind, `Cannot ${what}: it answered ${name}${words}`);
}

function kindOfHttp(status: number): RegistryErrorKind {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unreachable" : "invalid";
}

function readWords(message: unknown): string {
  if (typeof message !== "string" || message === "") return "";
  const text = message.replace(/(?:%[0-9a-f]{2})+/gi, decode).replace(/\p{Cc}+/gu, " ").trim();
  return ` (${text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text})`;
}

function decode(encoded: string): string {
  return new TextDecoder().decode(Uint8Array.fromHex(encoded.replaceAll("%", "")));
}

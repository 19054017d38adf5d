import { readFields, textOf, writeTexts } from "./protobuf.ts";

/** What is wanted, in the words of Go: `amd64`, `linux`. */
export interface CurrentRequest {
  readonly arch: string;
  readonly os: string;
  /** Null: the one that fits. */
  readonly artifactName: string | null;
}

/** What should run. */
export interface CurrentResponse {
  readonly id: string;
  readonly tag: string;
  /** Empty: there is none yet. */
  readonly artifactUrl: string;
  /** Milliseconds since 1970; null: unknown. */
  readonly createdAt: number | null;
}

/** What was deployed, or why not. */
export interface ReportRequest {
  readonly id: string;
  readonly tag: string;
  readonly command: string;
  readonly error: string | null;
}

/** The farthest that a date can be from 1970. */
const MAX_DATE_MS = 8.64e15;

export function writeCurrentRequest(
  { arch, os, artifactName }: CurrentRequest,
): Uint8Array<ArrayBuffer> {
  return writeTexts({ 1: arch, 2: os, 3: artifactName });
}

/** @throws {SyntaxError} When it is no such message. */
export function readCurrentResponse(bytes: Uint8Array<ArrayBuffer>): CurrentResponse {
  const fields = readFields(bytes);
  const createdAt = fields.get(4);
  return {
    id: textOf(fields, 1),
    tag: textOf(fields, 2),
    artifactUrl: textOf(fields, 3),
    createdAt: createdAt instanceof Uint8Array ? readTimestamp(createdAt) : null,
  };
}

export function writeReportRequest(
  { id, tag, command, error }: ReportRequest,
): Uint8Array<ArrayBuffer> {
  return writeTexts({ 1: id, 2: tag, 3: command, 4: error });
}

/** A `google.protobuf.Timestamp`, in milliseconds since 1970; null: no date at all. */
function readTimestamp(bytes: Uint8Array<ArrayBuffer>): number | null {
  const fields = readFields(bytes);
  const at = signed(fields.get(1)) * 1000 + Math.floor(signed(fields.get(2)) / 1e6);
  return Math.abs(at) <= MAX_DATE_MS ? at : null;
}

function signed(value: unknown): number {
  return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : 0;
}

import { withDeadline } from "../platform/clock.ts";
import type { BodyRoom } from "./body_room.ts";
import { Problem, shown } from "./problem.ts";
import type { Call } from "./route.ts";

const MAX_BYTES = 64 * 1024;

/** How long a body may take to arrive. */
const TIMEOUT_MS = 10_000;

/** One member of a body. */
export interface Field<T> {
  /** For people. */
  readonly expects: string;
  /** Its value when it is missing; undefined: it must be there. */
  readonly absent?: T;
  accepts(value: unknown): value is T;
}

/** What {@linkcode readFields} gives for a record of fields. */
export type Fields<R> = { [K in keyof R]: R[K] extends Field<infer T> ? T : never };

/**
 * The members of a JSON body; no body at all is `{}`.
 *
 * @throws {Problem} Naming what is wrong.
 */
export async function readFields<R extends Record<string, Field<unknown>>>(
  call: Call,
  fields: R,
  maxBytes: number = MAX_BYTES,
): Promise<Fields<R>> {
  const bytes = await readBody(call, maxBytes);
  if (bytes.length > 0) requireJson(call.request);
  const members = bytes.length > 0 ? parse(bytes) : {};
  for (const name of Object.keys(members)) {
    if (!Object.hasOwn(fields, name)) throw unknownField(name, Object.keys(fields));
  }
  const values = Object.entries(fields).map((
    [name, field],
  ) => [name, valueOf(name, field, members)]);
  return Object.fromEntries(values);
}

/** The whole body. @throws {Problem} When it has more than `maxBytes`, or is too slow. */
export async function readBody(
  call: Call,
  maxBytes: number = MAX_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  const { request, clock, cut, bodyRoom } = call;
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const work = (signal: AbortSignal) => {
    signal.addEventListener("abort", () => reader.cancel().catch(() => {}), { once: true });
    return readAll(reader, maxBytes, bodyRoom);
  };
  const bytes = await withDeadline(clock, TIMEOUT_MS, cut, work);
  if (bytes !== "timed_out") return bytes;
  throw new Problem("timeout", `The body did not arrive within ${TIMEOUT_MS / 1000} s`);
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  room: BodyRoom,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      if (bytes + value.length > maxBytes) throw tooLarge(maxBytes);
      room.take(value.length);
      bytes += value.length;
      parts.push(new Uint8Array(value));
    }
  } finally {
    room.give(bytes);
  }
}

/** Other types can be sent by forms of foreign pages without being asked for. */
function requireJson(request: Request): void {
  const type = request.headers.get("content-type") ?? "";
  if (/^application\/json\s*(;|$)/i.test(type)) return;
  const detail = `The content-type is ${shown(type)}, not "application/json"`;
  throw new Problem("unsupported_media_type", detail);
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem("bad_request", `The body is not JSON: ${why.slice(0, 200)}`);
  }
  if (isObject(value)) return value;
  throw new Problem("bad_request", `The body is ${shown(value)}, not a JSON object`);
}

function valueOf(
  name: string,
  field: Field<unknown>,
  members: Record<string, unknown>,
): unknown {
  if (!Object.hasOwn(members, name)) {
    if (field.absent !== undefined) return field.absent;
    throw new Problem("bad_request", `${name} is missing: ${field.expects}`, { field: name });
  }
  const value = members[name];
  if (field.accepts(value)) return value;
  const detail = `${name} is ${shown(value)}, not ${field.expects}`;
  throw new Problem("bad_request", detail, { field: name });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownField(name: string, known: readonly string[]): Problem {
  const names = known.length > 0 ? `it may have ${known.join(", ")}` : "nothing is expected";
  const detail = `The body has an unknown member ${shown(name)}; ${names}`;
  return new Problem("bad_request", detail, { field: name });
}

function tooLarge(maxBytes: number): Problem {
  return new Problem("too_large", `The body is longer than ${maxBytes / 1024} KiB`);
}

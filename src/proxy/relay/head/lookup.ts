import { latin1, LF, RESPONSE_TEXT, SPACE } from "./characters.ts";
import { FieldCursor } from "./field_cursor.ts";

// Reads one field of a head that was read before, for what happens once per request or less:
// error answers and the access log.

/** The first value of the field `name`, in any case, in the head `bytes[start, end)`. */
export function readField(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): string | null {
  if (bytes[end - 1] !== LF) return null;
  const cursor = new FieldCursor(RESPONSE_TEXT);
  const wanted = name.toLowerCase();
  for (let at = bytes.indexOf(LF, start) + 1; at < end; at = cursor.next) {
    if (cursor.read(bytes, at) !== null) return null;
    if (latin1(bytes, at, cursor.nameEnd).toLowerCase() === wanted) {
      return latin1(bytes, cursor.value, cursor.valueEnd);
    }
  }
  return null;
}

/** The target in a request's head, such as the one that was written for the backend. */
export function requestTarget(bytes: Uint8Array, start: number, end: number): string {
  const from = bytes.indexOf(SPACE, start) + 1;
  const to = bytes.indexOf(SPACE, from);
  return from > 0 && to >= 0 && to < end ? latin1(bytes, from, to) : "";
}

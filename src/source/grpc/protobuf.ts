/** What a field holds, by how it is written; what is written otherwise is left out. */
export type FieldValue = bigint | Uint8Array<ArrayBuffer>;

/** The values of a message by the numbers of its fields; of several values, the last. */
export type Fields = ReadonlyMap<number, FieldValue>;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

/** Writes the text fields of a message; null: left out. */
export function writeTexts(
  texts: Readonly<Record<number, string | null>>,
): Uint8Array<ArrayBuffer> {
  const bytes = Object.entries(texts).flatMap(([number, text]) => {
    if (text === null) return [];
    const value = new TextEncoder().encode(text);
    return [...varint(Number(number) << 3 | BYTES), ...varint(value.length), ...value];
  });
  return new Uint8Array(bytes);
}

/** Takes a message apart. @throws {SyntaxError} When it is none. */
export function readFields(bytes: Uint8Array<ArrayBuffer>): Fields {
  const fields = new Map<number, FieldValue>();
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const key = Number(reader.varint());
    const value = reader.value(key & 7);
    if (value !== null) fields.set(Math.floor(key / 8), value);
  }
  return fields;
}

/** The text in a field; empty when there is none. @throws {SyntaxError} When it is no UTF-8. */
export function textOf(fields: Fields, number: number): string {
  const value = fields.get(number);
  if (!(value instanceof Uint8Array)) return "";
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    throw new SyntaxError(`field ${number} is no UTF-8`);
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  return [...bytes, value];
}

class Reader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let i = 0n; i < MAX_VARINT_BYTES; i++) {
      const [byte = 0] = this.#take(1);
      value |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 0x80) return value;
    }
    throw new SyntaxError("a number in it does not end");
  }

  /** @returns Null when nobody needs it. */
  value(type: number): FieldValue | null {
    switch (type) {
      case VARINT:
        return this.varint();
      case BYTES:
        return this.#take(Number(this.varint()));
      case FIXED64:
        this.#take(8);
        return null;
      case FIXED32:
        this.#take(4);
        return null;
    }
    throw new SyntaxError(`a field in it is of type ${type}`);
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new SyntaxError("it is cut off");
    const part = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return part;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/**
 * What is inside of each element `name`, in order, as it stands. This is no reader of XML in general:
 * it is meant for answers of servers like S3, where no element lies within one of the same name.
 */
export function* elements(xml: string, name: string): Generator<string> {
  const close = `</${name}>`;
  for (const { index, 0: open } of xml.matchAll(new RegExp(`<${name}(?:\\s[^<>]*)?/?>`, "g"))) {
    if (open.endsWith("/>")) {
      yield "";
      continue;
    }
    const end = xml.indexOf(close, index);
    if (end === -1) return;
    yield xml.slice(index + open.length, end);
  }
}

/** The text of the first element `name`; null: there is none. */
export function textOf(xml: string, name: string): string | null {
  for (const inside of elements(xml, name)) return decode(inside);
  return null;
}

function decode(text: string): string {
  return text.replace(/<!\[CDATA\[([^]*?)\]\]>|&(#x?[0-9a-f]+|\w+);/gi, (whole, data, entity) => {
    if (data !== undefined) return data;
    if (!entity.startsWith("#")) return ENTITIES[entity] ?? whole;
    const code = /^#x/i.test(entity) ? parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

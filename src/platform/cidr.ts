/** A block of IP addresses; `bytes` has 4 (IPv4) or 16 (IPv6) members. */
export interface Cidr {
  bytes: readonly number[];
  prefix: number;
}

/**
 * Reads an IP address without brackets or zone.
 *
 * @returns 4 bytes for IPv4, 16 for IPv6, null if `text` is neither.
 */
export function parseIp(text: string): number[] | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8`, or one address, which stands for itself alone. Bits beyond the
 * prefix do not count.
 *
 * @throws {SyntaxError} When `text` is neither.
 */
export function parseCidr(text: string): Cidr {
  const [address = "", bits, ...rest] = text.split("/");
  const bytes = parseIp(address);
  if (bytes === null || rest.length > 0) throw new SyntaxError(`"${text}" is not an IP block`);
  const most = bytes.length * 8;
  if (bits !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > most)) {
    throw new SyntaxError(`the prefix of "${text}" is not 0 to ${most}`);
  }
  return unmapBlock({ bytes, prefix: bits === undefined ? most : Number(bits) });
}

/**
 * Tells whether the address `ip` lies in `cidr`. An IPv4 address in IPv6 dress (`::ffff:10.0.0.1`,
 * as a dual-stack listener reports it) counts as the IPv4 address; a zone (`%eth0`) is ignored.
 */
export function cidrContains(cidr: Cidr, ip: string): boolean {
  const parsed = parseIp(ip.replace(/%.*$/, ""));
  if (parsed === null) return false;
  const bytes = isMapped(parsed) ? parsed.slice(12) : parsed;
  return bytes.length === cidr.bytes.length && samePrefix(bytes, cidr);
}

function samePrefix(bytes: readonly number[], cidr: Cidr): boolean {
  return bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, cidr.prefix - index * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return ((byte ^ (cidr.bytes[index] ?? 0)) & mask) === 0;
  });
}

/** `::ffff:10.0.0.0/104` means the same clients as `10.0.0.0/8`. */
function unmapBlock(cidr: Cidr): Cidr {
  if (!isMapped(cidr.bytes) || cidr.prefix < 96) return cidr;
  return { bytes: cidr.bytes.slice(12), prefix: cidr.prefix - 96 };
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split(".");
  // A leading zero would be octal for some readers and decimal for others.
  const valid = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return valid ? parts.map(Number) : null;
}

function parseIpv6(text: string): number[] | null {
  const [left = "", right, ...rest] = text.split("::");
  if (rest.length > 0) return null;
  if (right === undefined) {
    const bytes = groupBytes(left, true);
    return bytes?.length === 16 ? bytes : null;
  }
  const [head, tail] = [groupBytes(left), groupBytes(right, true)];
  if (head === null || tail === null || head.length + tail.length > 14) return null;
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** The bytes of groups between colons; `end`: the last one may be an IPv4 address. */
function groupBytes(text: string, end = false): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const ipv4 = end && index === groups.length - 1 ? parseIpv4(group) : null;
    if (ipv4 === null && !/^[0-9a-f]{1,4}$/i.test(group)) return null;
    const value = parseInt(group, 16);
    bytes.push(...(ipv4 ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}

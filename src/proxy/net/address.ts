const MAPPED = "::ffff:";

const GROUPS = 8;

/**
 * The address of a peer as people know it: an IPv4 client of a dual-stack listener is reported as
 * `::ffff:192.0.2.1`, and means `192.0.2.1`.
 */
export function plainIp(ip: string): string {
  return ip.startsWith(MAPPED) && ip.includes(".") ? ip.slice(MAPPED.length) : ip;
}

/**
 * An address of 4 or 16 bytes as text, IPv6 in its canonical form (RFC 5952), or as IPv4 where it
 * means that.
 */
export function ipText(bytes: ArrayLike<number> & Iterable<number>): string {
  const all = [...bytes];
  if (all.length === 4) return all.join(".");
  const groups = Array.from(
    { length: GROUPS },
    (_, index) => (all[2 * index] as number) << 8 | (all[2 * index + 1] as number),
  );
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return all.slice(12).join(".");
  }
  return compressed(groups);
}

/** The longest run of zeros, the first of several, is left out; a single one is not. */
function compressed(groups: readonly number[]): string {
  let start = 0;
  let length = 0;
  for (let i = 0; i < GROUPS; i++) {
    const end = groups.findIndex((group, index) => index >= i && group !== 0);
    const run = (end === -1 ? GROUPS : end) - i;
    if (run > length) [start, length] = [i, run];
  }
  const hex = (from: number, to: number) =>
    groups.slice(from, to).map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(0, GROUPS) : `${hex(0, start)}::${hex(start + length, GROUPS)}`;
}

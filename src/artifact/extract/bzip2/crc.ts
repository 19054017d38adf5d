const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? crc << 1 ^ POLYNOMIAL : crc << 1;
  return crc >>> 0;
});

/** Goes on with the checksum of bzip2, which takes bits from the other end than zlib's does. */
export function bzip2Crc(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of bytes) crc = crc << 8 ^ (TABLE[crc >>> 24 ^ byte] ?? 0);
  return ~crc >>> 0;
}

const AF_UNIX = 1;

/**
 * A `sockaddr_un`.
 *
 * @param path A path, or an abstract name as the variables of service managers have it (`@name`).
 */
export function unixAddress(path: string): Uint8Array<ArrayBuffer> {
  const isAbstract = path.startsWith("@");
  const name = new TextEncoder().encode(path);
  // The length of an abstract name counts, a path ends with a zero.
  const bytes = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(name, 2);
  if (isAbstract) bytes[2] = 0;
  return bytes;
}

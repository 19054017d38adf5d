const HEADER_BYTES = 16;
const FD_BYTES = 4;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

/** The most descriptors that Linux takes in one message. */
export const MAX_DESCRIPTORS = 253;

/** Bytes of a control message with `count` descriptors. */
export function controlBytes(count: number): number {
  return HEADER_BYTES + padded(count * FD_BYTES);
}

/** The control message that carries `fds`, as `struct cmsghdr` of 64-bit Linux lays it out. */
export function encodeDescriptors(fds: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(controlBytes(fds.length));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(HEADER_BYTES + fds.length * FD_BYTES), true);
  view.setInt32(8, SOL_SOCKET, true);
  view.setInt32(12, SCM_RIGHTS, true);
  fds.forEach((fd, i) => view.setInt32(HEADER_BYTES + i * FD_BYTES, fd, true));
  return bytes;
}

/** The descriptors in what was received; control messages of other kinds are passed over. */
export function decodeDescriptors(control: Uint8Array): number[] {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  const fds: number[] = [];
  for (let at = 0; at + HEADER_BYTES <= control.length;) {
    const length = Number(view.getBigUint64(at, true));
    if (length < HEADER_BYTES || at + length > control.length) break;
    if (isRights(view, at)) fds.push(...descriptorsAt(view, at, length));
    at += padded(length);
  }
  return fds;
}

function isRights(view: DataView, at: number): boolean {
  return view.getInt32(at + 8, true) === SOL_SOCKET && view.getInt32(at + 12, true) === SCM_RIGHTS;
}

function descriptorsAt(view: DataView, at: number, length: number): number[] {
  const count = Math.floor((length - HEADER_BYTES) / FD_BYTES);
  return Array.from(
    { length: count },
    (_, i) => view.getInt32(at + HEADER_BYTES + i * FD_BYTES, true),
  );
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

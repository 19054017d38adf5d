import { controlBytes, decodeDescriptors, encodeDescriptors } from "./control_message.ts";
import { MAX_DESCRIPTORS } from "./control_message.ts";
import { ERRNO, errno, type Libc, SystemCallError } from "./libc.ts";

const MSG_CTRUNC = 0x8;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const CHUNK_BYTES = 64 * 1024;

/** What one call of {@linkcode receiveMessage} brought. */
export interface SocketMessage {
  data: Uint8Array;
  /** Open in this process from now on, and closed to its children. */
  fds: number[];
}

/**
 * Sends bytes, with descriptors if there are any. Never waits and raises no SIGPIPE.
 *
 * @throws {SystemCallError} When it was not taken, or not as a whole.
 */
export function sendMessage(
  libc: Libc,
  socket: number,
  data: Uint8Array<ArrayBuffer>,
  fds: readonly number[] = [],
): void {
  const control = fds.length > 0 ? encodeDescriptors(fds) : new Uint8Array(0);
  const message = new MessageHeader(data, control);
  const sent = Number(libc.sendmsg(socket, message.bytes, MSG_NOSIGNAL | MSG_DONTWAIT));
  message.release();
  if (sent < 0) throw new SystemCallError("sendmsg", errno(libc));
  // A part of a message is useless to its reader, and the rest would have to wait.
  if (sent < data.length) throw new SystemCallError("sendmsg", ERRNO.EAGAIN);
}

/**
 * Takes what has arrived, without waiting.
 *
 * @returns Null when nothing has arrived yet; no data and no descriptors at the end.
 * @throws {SystemCallError} When descriptors were lost because this process may not have so many.
 */
export function receiveMessage(libc: Libc, socket: number): SocketMessage | null {
  const data = new Uint8Array(CHUNK_BYTES);
  const control = new Uint8Array(controlBytes(MAX_DESCRIPTORS));
  const message = new MessageHeader(data, control);
  const received = Number(
    libc.recvmsg(socket, message.bytes, MSG_DONTWAIT | MSG_CMSG_CLOEXEC),
  );
  const failure = received < 0 ? errno(libc) : 0;
  message.release();
  if (failure === ERRNO.EAGAIN || failure === ERRNO.EINTR) return null;
  if (failure !== 0) throw new SystemCallError("recvmsg", failure);
  const fds = decodeDescriptors(control.subarray(0, message.controlLength));
  if (message.flags & MSG_CTRUNC) {
    for (const fd of fds) libc.close(fd);
    throw new SystemCallError("recvmsg", ERRNO.EMFILE);
  }
  return { data: data.subarray(0, received), fds };
}

/** `struct msghdr` of 64-bit Linux, with one buffer; what it points to lives as long as itself. */
class MessageHeader {
  readonly bytes = new Uint8Array(56);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #vector = new Uint8Array(16);
  #alive: Uint8Array[] = [];

  constructor(data: Uint8Array<ArrayBuffer>, control: Uint8Array<ArrayBuffer>) {
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, addressOf(data), true);
    vector.setBigUint64(8, BigInt(data.length), true);
    this.#view.setBigUint64(16, addressOf(this.#vector), true);
    this.#view.setBigUint64(24, 1n, true);
    this.#view.setBigUint64(32, control.length > 0 ? addressOf(control) : 0n, true);
    this.#view.setBigUint64(40, BigInt(control.length), true);
    this.#alive = [data, control];
  }

  get controlLength(): number {
    return Number(this.#view.getBigUint64(40, true));
  }

  get flags(): number {
    return this.#view.getInt32(48, true);
  }

  /** To be called after the call: the buffers that only addresses name must not go before. */
  release(): void {
    this.#alive = [];
  }
}

function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

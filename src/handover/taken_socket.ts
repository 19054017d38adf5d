import type { Descriptors } from "./descriptor.ts";
import type { Libc } from "./libc.ts";
import { isSameAddress, type SocketAddress } from "./socket_address.ts";

/** The same numbers on x64 and arm64. */
const SYS_PIDFD_OPEN = 434n;
const SYS_PIDFD_GETFD = 438n;

/** What a socket is taken with. */
export interface TakeOptions {
  libc: Libc;
  descriptors: Descriptors;
}

/**
 * A descriptor of our own for the listening socket at `address` that the process `pid` has; closed
 * to children. Null: it has none, or the kernel does not let us: it takes the right to trace the
 * process (root, or the same user where `kernel.yama.ptrace_scope` is 0), and Linux 5.6.
 */
export function takeListeningSocket(
  pid: number,
  address: SocketAddress,
  { libc, descriptors }: TakeOptions,
): number | null {
  const process = Number(libc.syscall(SYS_PIDFD_OPEN, BigInt(pid), 0n, 0n));
  if (process < 0) return null;
  try {
    for (const [theirs, target] of filesOf(pid) ?? []) {
      if (!target.startsWith("socket:")) continue;
      const ours = Number(libc.syscall(SYS_PIDFD_GETFD, BigInt(process), BigInt(theirs), 0n));
      if (ours < 0) continue;
      const bound = descriptors.address(ours);
      // An accepted connection may have the same address.
      const isTheOne = bound !== null && isSameAddress(address, bound);
      if (isTheOne && descriptors.isListening(ours)) return ours;
      descriptors.close(ours);
    }
    return null;
  } finally {
    descriptors.close(process);
  }
}

/** What a process has open, by its numbers; null when nobody may know. */
export function filesOf(pid: number): Map<number, string> | null {
  const directory = `/proc/${pid}/fd`;
  try {
    const numbers = [...Deno.readDirSync(directory)].map(({ name }) => Number(name));
    return new Map(numbers.map((fd) => [fd, targetOf(`${directory}/${fd}`)]));
  } catch {
    return null;
  }
}

/** Empty: it is not open any more. */
function targetOf(link: string): string {
  try {
    return Deno.readLinkSync(link);
  } catch {
    return "";
  }
}

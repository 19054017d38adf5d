const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  // For what older libraries have no function for; variadic, too.
  syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  // Variadic in C; on x64 and arm64 Linux an integer argument is passed the same way.
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  geteuid: { parameters: [], result: "u32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  // Runs on a thread of its own: the event loop goes on while it waits.
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  // The same, on this thread: only for looks that do not wait.
  peek: { name: "poll", parameters: ["buffer", "u64", "i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** glibc, and musl under the name that its distributions give it. */
const NAMES = ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`];

/** The functions of the C library that sockets are handed over with. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A call of the C library that failed. */
export class SystemCallError extends Error {
  override readonly name = "SystemCallError";

  constructor(call: string, readonly errno: number) {
    super(`${call} failed: ${ERRNO_NAMES[errno] ?? `errno ${errno}`}`);
  }
}

/** Numbers of Linux on x64 and arm64; those that are told apart or likely to be seen. */
export const ERRNO = {
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EMFILE: 24,
  EPIPE: 32,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ECONNRESET: 104,
  ECONNREFUSED: 111,
} as const;

const ERRNO_NAMES: Record<number, string> = Object.fromEntries(
  Object.entries(ERRNO).map(([name, number]) => [number, name]),
);

/**
 * Opens the C library. It stays open as long as the process.
 *
 * @param open Opens a library by name; only a test has one of its own.
 * @throws When there is none under a known name, or the permission (`--allow-ffi`) is missing.
 */
export function openLibc(
  open: (name: string) => Libc = (name) => Deno.dlopen(name, SYMBOLS).symbols,
): Libc {
  const failures: unknown[] = [];
  for (const name of NAMES) {
    try {
      return open(name);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

/** Why the last call failed; to be asked before any other call. */
export function errno(libc: Libc): number {
  const place = libc.__errno_location();
  return place === null ? 0 : new Deno.UnsafePointerView(place).getInt32();
}

import { Socket } from "node:net";
import { type Descriptors, foreignDescriptors, plainDescriptors } from "./descriptor.ts";
import { descriptorOf } from "./handle.ts";
import { errno, type Libc, openLibc, SystemCallError } from "./libc.ts";
import { receiveMessage, sendMessage } from "./socket_message.ts";

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
const FIRST_INHERITABLE = 3;

/** What this process can do with sockets of others, and why not more. */
export type HandoverMode =
  /** Sockets can be handed to any process that shares the coordination directory. */
  | { name: "full" }
  /** Sockets that this process was started with are adopted; none is handed over. */
  | { name: "inherit_only"; why: string };

/** What the work is done with in each mode. */
export type Means =
  | { mode: HandoverMode & { name: "full" }; libc: Libc; descriptors: Descriptors }
  | { mode: HandoverMode & { name: "inherit_only" }; libc: null; descriptors: Descriptors };

let known: Means | undefined;

/**
 * Which mode is on. Found out once per process, by handing a descriptor from ourselves to
 * ourselves. Never throws: whatever is missing is the reason for the lesser mode.
 */
export function handoverMode(): HandoverMode {
  return handoverMeans().mode;
}

/** One line for people. */
export function describeMode(mode: HandoverMode): string {
  return mode.name === "full"
    ? "sockets can be handed over"
    : `sockets can be inherited, not handed over: ${mode.why}`;
}

/** As {@linkcode handoverMode}, with what belongs to it. */
export function handoverMeans(): Means {
  return known ??= findMeans();
}

/** As {@linkcode handoverMeans}, found out anew. @param open Opens the C library. */
export function findMeans(open: () => Libc = openLibc): Means {
  try {
    if (Deno.build.os !== "linux") throw new Error(`this is ${Deno.build.os}, not Linux`);
    const libc = open();
    const descriptors = foreignDescriptors(libc);
    selfTest(libc, descriptors);
    return { mode: { name: "full" }, libc, descriptors };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { mode: { name: "inherit_only", why }, libc: null, descriptors: plainDescriptors };
  }
}

/** @throws When what a hand-over is made of does not do what it should. */
function selfTest(libc: Libc, descriptors: Descriptors): void {
  const pair = new Int32Array(2);
  if (libc.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, pair) < 0) {
    throw new SystemCallError("socketpair", errno(libc));
  }
  const [near = -1, far = -1] = pair;
  const opened = [near, far];
  try {
    sendMessage(libc, near, new Uint8Array([42]), [near]);
    const received = receiveMessage(libc, far);
    opened.push(...received?.fds ?? []);
    const [copy = -1] = received?.fds ?? [];
    if (received?.data[0] !== 42 || copy < FIRST_INHERITABLE || opened.length !== 3) {
      throw new Error("a descriptor that was sent did not arrive");
    }
    // What comes out of the far end was written to the near one: it is the same socket.
    sendMessage(libc, copy, new Uint8Array([43]));
    if (receiveMessage(libc, far)?.data[0] !== 43) throw new Error("another descriptor arrived");
    opened.push(descriptors.duplicate(copy));
    testHandle(opened, opened.pop() ?? -1);
  } finally {
    for (const fd of opened) descriptors.close(fd);
  }
}

/** `fd` belongs to the handle then. */
function testHandle(opened: number[], fd: number): void {
  const socket = new Socket({ fd });
  try {
    opened.push(descriptorOf(socket));
  } finally {
    socket.destroy();
  }
}

import type { CoordinationDirectory } from "./coordination_directory.ts";
import { HandoverError } from "./handover_error.ts";
import type { Libc } from "./libc.ts";
import type { HandedSocket } from "./start_sockets.ts";
import { type Received, UnixConnection } from "./unix_connection.ts";

const TRY_AGAIN_MS = 50;
/** How long the kernel may take to give the lock of a process that was killed to us. */
const LOCK_GRACE_MS = 2_000;

/** How a successor comes up. */
export interface ArriveOptions {
  /** Its service; one of another service is refused. @default Nobody is refused. */
  service?: string | undefined;
  /** Until it is its turn, in milliseconds. */
  waitMs: number;
  /** For an answer that needs no work, in milliseconds. */
  answerTimeoutMs: number;
}

/** What a process begins with. */
export interface Arrival {
  /** To the owner that waits for us; null when there is none, and its lock is ours. */
  connection: UnixConnection | null;
  handed: HandedSocket[];
}

/**
 * Waits until it is our turn, and asks the owner for its sockets.
 *
 * @throws {HandoverError} When it is not our turn in time, or the owner does not answer.
 * @throws The reason of `signal` when that aborts.
 */
export async function arrive(
  libc: Libc,
  directory: CoordinationDirectory,
  options: ArriveOptions,
  signal?: AbortSignal,
): Promise<Arrival> {
  const { waitMs } = options;
  const until = performance.now() + waitMs;
  if (!await directory.upgradeLock.take(waitMs, signal)) throw busy(directory, waitMs);
  directory.sweep();
  while (true) {
    const arrival = await askOwner(libc, directory, options);
    if (arrival !== null) return arrival;
    // Nobody answers: either there is nobody, or somebody who cannot at this moment.
    if (directory.ownerLock.tryTake()) return { connection: null, handed: [] };
    if (performance.now() >= until) throw unreachable(directory);
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    signal?.throwIfAborted();
  }
}

/** What {@linkcode takeOver} needs. */
export interface TakeOverOptions {
  id: string;
  directory: CoordinationDirectory;
  connection: UnixConnection | null;
  answerTimeoutMs: number;
  /** Takes up what only one process may have. */
  takeUp(): Promise<void>;
  /** Begins to accept. */
  accept(): Promise<void>;
}

/**
 * Takes the place of the owner, also of one that has died meanwhile: its sockets are ours already.
 *
 * @throws {HandoverError} When the owner serves on.
 */
export async function takeOver(options: TakeOverOptions): Promise<void> {
  const { directory, connection, takeUp, accept } = options;
  // While it pauses, the owner can still go on by itself: only the lock makes us the owner.
  const isPaused = connection !== null && await askToPause(connection, options);
  if (isPaused) await takeUp();
  if (!await directory.ownerLock.take(LOCK_GRACE_MS)) {
    throw new HandoverError("revoked", "the owner did not wait any longer, and serves on");
  }
  if (!isPaused) await takeUp();
  await accept();
  // If it does not arrive, the lock tells the owner the same.
  connection?.send({ type: "SERVING" });
}

/** @returns Whether it does; false: it refuses, or is dead. */
async function askToPause(
  connection: UnixConnection,
  { id, directory, answerTimeoutMs }: TakeOverOptions,
): Promise<boolean> {
  connection.send({ type: "READY", id });
  const answer = await connection.receive(answerTimeoutMs);
  if (answer === "timed_out") throw unreachable(directory);
  return answer !== "ended" && answer.message.type === "PAUSED";
}

async function askOwner(
  libc: Libc,
  directory: CoordinationDirectory,
  { service, answerTimeoutMs }: ArriveOptions,
): Promise<Arrival | null> {
  const connection = UnixConnection.open(libc, directory.socketPath);
  if (connection === null) return null;
  let fds: readonly number[] = [];
  try {
    const received = await connection.receive(answerTimeoutMs);
    if (typeof received !== "string") {
      ({ fds } = received);
      const handed = handedIn(received, service, directory);
      if (handed !== null) return { connection, handed };
    }
  } catch (error) {
    giveBack();
    throw error;
  }
  giveBack();
  return null;

  function giveBack(): void {
    connection?.[Symbol.dispose]();
    for (const fd of fds) libc.close(fd);
  }
}

/** @returns Null when it is not what was asked for. */
function handedIn(
  { message, fds }: Received,
  service: string | undefined,
  directory: CoordinationDirectory,
): HandedSocket[] | null {
  if (message.type !== "FDS" || message.sockets.length !== fds.length) return null;
  const theirs = message.service;
  if (theirs !== undefined && service !== undefined && theirs !== service) {
    throw anotherService(directory, theirs, service);
  }
  return message.sockets.map((socket, i) => ({ ...socket, fd: fds[i] ?? -1 }));
}

function anotherService(
  { path }: CoordinationDirectory,
  theirs: string,
  ours: string,
): HandoverError {
  return new HandoverError(
    "another_service",
    `who serves in ${path} is ${theirs}, and this is ${ours}; each needs a directory of its own`,
  );
}

function busy({ path, upgradeLock }: CoordinationDirectory, waitMs: number): HandoverError {
  const holder = upgradeLock.holder();
  const who = holder === null ? "another process" : `process ${holder}`;
  const seconds = Math.round(waitMs / 100) / 10;
  return new HandoverError(
    "busy",
    `${who} comes up in ${path} and has not been ready for ${seconds}s; end it if it hangs`,
  );
}

function unreachable({ path, ownerLock }: CoordinationDirectory): HandoverError {
  const holder = ownerLock.holder();
  const who = holder === null ? "the owner" : `the owner (process ${holder})`;
  return new HandoverError("unreachable", `${who} of ${path} does not answer`);
}

import type { FileLock } from "./file_lock.ts";
import type { Heirloom } from "./heirloom.ts";
import type { Libc } from "./libc.ts";
import type { OwnerConnection } from "./owner_connection.ts";
import type { UpgraderEvent } from "./upgrader_state.ts";

/** What {@linkcode offer} needs. */
export interface OfferOptions {
  libc: Libc;
  id: string;
  service: string | undefined;
  listeners: readonly Heirloom[];
  ownerLock: FileLock;
  /** How long the successor may take to be ready, in milliseconds. */
  readyTimeoutMs: number;
  /** How long it may take to begin to accept, in milliseconds: meanwhile nobody does. */
  answerTimeoutMs: number;
  /** Lets go of what only one process may have; if it rejects, nothing is handed over. */
  onHandingOver(successorId: string): Promise<void>;
  /** Told of what is odd and no error. */
  onWarning(message: string): void;
  /** Aborts when the owner itself is to stop. */
  stopping: AbortSignal;
  /** Told of every step. */
  onStep(step: UpgraderEvent): void;
}

/**
 * One hand-over, seen by the owner. Whatever becomes of the successor, in the end either it serves
 * or we do: who has the lock.
 *
 * @returns Whether the successor serves.
 * @throws When the sockets cannot be sent or accepted from again.
 */
export async function offer(connection: OwnerConnection, options: OfferOptions): Promise<boolean> {
  const { readyTimeoutMs, answerTimeoutMs, ownerLock, stopping, onStep } = options;
  lend(connection, options);
  onStep("offered");
  const answer = await connection.receive(readyTimeoutMs);
  const isReady = typeof answer !== "string" && answer.type === "READY";
  if (!isReady || !await letGo(answer.id, options)) return await lost(connection, options);
  if (!pause(options)) return await lost(connection, options);
  onStep("successor_ready");
  ownerLock.release();
  connection.send({ type: "PAUSED" });
  const end = await connection.receive(answerTimeoutMs);
  const serves = typeof end !== "string" && end.type === "SERVING";
  const patienceMs = stopping.aborted ? 0 : answerTimeoutMs;
  if (!serves && await ownerLock.take(patienceMs, stopping)) {
    return await lost(connection, options);
  }
  onStep("handed_over");
  return true;
}

/** @returns Whether nobody is accepted any more: without a free descriptor that cannot be had. */
function pause({ listeners, onWarning }: OfferOptions): boolean {
  try {
    for (const listener of listeners) listener.withhold();
    return true;
  } catch (error) {
    onWarning(`Cannot stop accepting: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function letGo(id: string, { onHandingOver, onWarning }: OfferOptions): Promise<boolean> {
  try {
    await onHandingOver(id);
    return true;
  } catch (error) {
    onWarning(`Nothing is handed over: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function lend(connection: OwnerConnection, { libc, id, service, listeners }: OfferOptions): void {
  const fds: number[] = [];
  try {
    for (const listener of listeners) fds.push(listener.duplicate());
    const sockets = listeners.map(({ name, hostname, port, asked, activated }) => ({
      ...{ name, hostname, port, asked },
      ...activated && { activated },
    }));
    connection.sendWith(libc, { type: "FDS", id, service, sockets }, fds);
  } finally {
    for (const fd of fds) libc.close(fd);
  }
}

async function lost(
  connection: OwnerConnection,
  { listeners, onStep }: OfferOptions,
): Promise<false> {
  // It may only hang: once it is closed, it knows that it has come too late.
  connection[Symbol.dispose]();
  for (const listener of listeners) await listener.grant();
  onStep("successor_lost");
  return false;
}

/** Why a process cannot take over. In each case whoever serves goes on serving. */
export const HANDOVER_REFUSALS = [
  /** Another process comes up, and has for too long. */
  "busy",
  /** There is an owner, and it does not answer. */
  "unreachable",
  /** The owner did not wait for us any longer, and serves on. */
  "revoked",
  /** Who serves in the directory is another service. */
  "another_service",
] as const;

/** Why a process cannot take over. */
export type HandoverRefusal = typeof HANDOVER_REFUSALS[number];

/** This process cannot take over: it should exit and may be started again. */
export class HandoverError extends Error {
  /** Tells it from other errors. */
  override readonly name = "HandoverError";

  /** An error for `reason`; `message` has the particulars. */
  constructor(readonly reason: HandoverRefusal, message: string) {
    super(`Cannot take over: ${message}`);
  }
}

/**
 * What a migration promises.
 *
 * - `additive`: the version before can live with what it leaves, and it may be run again.
 * - `reversible`: there is a command that takes it back.
 * - `destructive`: only a snapshot brings back what was before.
 */
export const CONTRACTS = ["additive", "reversible", "destructive"] as const;

/** One of {@linkcode CONTRACTS}. */
export type Contract = (typeof CONTRACTS)[number];

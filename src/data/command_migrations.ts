import type { DataChange } from "../roll/data_changes.ts";
import type { Migrations } from "./data_work.ts";

/** Which way a migration goes. */
export type MigrationWay = "forth" | "back";

/** Programs and their arguments. */
export interface MigrationCommands {
  readonly forth: readonly string[];
  /** Null: there is none. */
  readonly back: readonly string[] | null;
}

/** Runs one of {@linkcode MigrationCommands}. @throws {Error} When it failed. */
export type RunMigration = (
  way: MigrationWay,
  command: readonly string[],
  change: DataChange,
  signal: AbortSignal,
) => Promise<void>;

/** Migrations that are commands; what is taken back is not called off. */
export function commandMigrations(
  { forth, back }: MigrationCommands,
  run: RunMigration,
): Migrations {
  const never = new AbortController().signal;
  return {
    forth: (change, signal) => run("forth", forth, change, signal),
    ...(back !== null && { back: (change) => run("back", back, change, never) }),
  };
}

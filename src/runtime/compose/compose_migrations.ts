import type { Overrides } from "../../compose/override.ts";
import { endLeftOverCalls, type LeftOverOptions } from "../../compose/program/left_over_calls.ts";
import type { ComposeProgram } from "../../compose/program/compose_program.ts";
import type { StackPlan } from "../../compose/stack_plan.ts";
import type { Engine } from "../../container/engine/engine.ts";
import {
  commandMigrations,
  type MigrationCommands,
  type MigrationWay,
} from "../../data/command_migrations.ts";
import type { Migrations } from "../../data/data_work.ts";
import type { Log } from "../../platform/log.ts";
import type { DataChange } from "../../roll/data_changes.ts";
import { RemainsError } from "../../roll/effects.ts";
import { LABELS, ownedBy, type Owner } from "../container/labels.ts";
import { remnantOf } from "../container/migration_remnant.ts";
import { asOutage } from "../container/outage.ts";
import type { StackRevisions } from "./stack_revisions.ts";

/** Lines of a migration that failed that are told. */
const TOLD_LINES = 5;

/** Time to clean up after one. */
const REMOVE_MS = 30_000;

/** How data is changed by commands in containers of a service; no shell is needed in its image. */
export interface ComposeMigrationOptions extends MigrationCommands {
  readonly engine: Pick<Engine, "containers">;
  readonly compose: Pick<ComposeProgram, "runOnce">;
  readonly plan: StackPlan;
  readonly overrides: Overrides;
  readonly revisions: StackRevisions;
  readonly owner: Owner;
  readonly timeoutMs: number;
  readonly log: Log;
}

/** Runs migrations in the image of the new version, with all that its first service has. */
export function composeMigrations(options: ComposeMigrationOptions): Migrations {
  return commandMigrations(options, (...migration) => run(options, ...migration));
}

async function run(
  options: ComposeMigrationOptions,
  way: MigrationWay,
  [entrypoint = "", ...command]: readonly string[],
  { roll, from, to }: DataChange,
  signal: AbortSignal,
): Promise<void> {
  const { compose, plan, overrides, revisions, timeoutMs, log } = options;
  const override = await overrides.desire(revisions.migrating({ key: `i${roll}`, id: to }));
  const stack = { ...plan.stack, files: [...plan.stack.files, override] };
  const env = { LIVEROLL_FROM_ID: from ?? "", LIVEROLL_TO_ID: to };
  const onLine = (line: string) => log.info(line, { event: "migration.output", roll, way });
  const shot = { service: plan.services[0].name, entrypoint, command, env };
  try {
    const { code, lastLines } = await compose.runOnce(stack, shot, { timeoutMs, signal, onLine });
    if (code === 0) return await removeMigrations(options).catch(() => {});
    const lines = lastLines.slice(-TOLD_LINES).join(" | ");
    const what = way === "forth" ? "the migration" : "taking back the migration";
    throw new Error(`${what} ended with code ${code}${lines && `: ${lines}`}`);
  } catch (error) {
    // Compose says in words only that there is no engine; whoever cleans up after it hears it.
    const problem = await removeMigrations(options).then(() => null, (reason) => reason);
    if (problem === null) throw error;
    const remains = remnantOf({ roll, to }, () => removeMigrations(options));
    log.warn(`A container of a migration may still run: ${problem}`, { event: "migration.left" });
    throw new RemainsError(remains, signal.aborted ? error : asOutage(problem) ?? error);
  }
}

/**
 * Ends what a former life has left at work: calls of compose, and containers of migrations.
 *
 * @throws {Error} When the engine does not.
 */
export async function endFormerWork(
  parts: Pick<ComposeMigrationOptions, "engine" | "owner">,
  options: LeftOverOptions = {},
): Promise<void> {
  // The call that waits for it ends with it.
  await removeMigrations(parts);
  await endLeftOverCalls(parts.owner.tokenPrefix, options);
  // It may have made its container only now.
  await removeMigrations(parts);
}

/** A call that was cut off leaves its container behind. @throws {Error} When the engine does not. */
async function removeMigrations(
  { engine, owner }: Pick<ComposeMigrationOptions, "engine" | "owner">,
): Promise<void> {
  const signal = AbortSignal.timeout(REMOVE_MS);
  const labels = [...ownedBy(owner), `${LABELS.role}=migration`];
  for (const { id } of await engine.containers.list(labels, signal)) {
    await engine.containers.remove(id, signal);
  }
}

import type { CreateBody } from "../../container/engine/create_body.ts";
import type { Engine } from "../../container/engine/engine.ts";
import {
  commandMigrations,
  type MigrationCommands,
  type MigrationWay,
} from "../../data/command_migrations.ts";
import type { Migrations } from "../../data/data_work.ts";
import { RemainsError } from "../../roll/effects.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { DataChange } from "../../roll/data_changes.ts";
import type { KnownImages } from "./known_images.ts";
import { labelsOf, type Owner } from "./labels.ts";
import { LeftError, runOnce } from "./one_shot.ts";
import { asOutage } from "./outage.ts";
import { remnantOf } from "./migration_remnant.ts";

/** Lines of a migration that failed that are told. */
const TOLD_LINES = 5;

/** Time to remove one that was left. */
const REMOVE_MS = 30_000;

/** How data is changed by commands in containers; no shell is needed in the image. */
export interface ContainerMigrationOptions extends MigrationCommands {
  readonly engine: Pick<Engine, "containers">;
  readonly owner: Owner;
  readonly baseName: string;
  /** What every container of the application gets: environment, networks, volumes, user. */
  readonly body: Omit<CreateBody, "Image">;
  readonly images: KnownImages;
  readonly timeoutMs: number;
  /** @default {that of the system} */
  readonly clock?: Clock;
  readonly log: Log;
  redact(line: string): string;
}

/** Runs migrations in the image of the new version, with all that the application has. */
export function containerMigrations(options: ContainerMigrationOptions): Migrations {
  return commandMigrations(options, (...migration) => run(options, ...migration));
}

async function run(
  { engine, owner, baseName, body, images, timeoutMs, clock, log, redact }:
    ContainerMigrationOptions,
  way: MigrationWay,
  command: readonly string[],
  { roll, from, to }: DataChange,
  signal: AbortSignal,
): Promise<void> {
  const key = `i${roll}`;
  const { Healthcheck: _, ...rest } = body;
  const work = {
    name: `${baseName}-${key}-migrate-${way}-${crypto.randomUUID().slice(0, 6)}`,
    body: {
      ...rest,
      Image: images.reference(to),
      // Even an empty one takes the place of the image's.
      Entrypoint: [command[0] ?? ""],
      Cmd: command.slice(1),
      Env: [...body.Env ?? [], `LIVEROLL_FROM_ID=${from ?? ""}`, `LIVEROLL_TO_ID=${to}`],
      Labels: { ...body.Labels, ...labelsOf(owner, { key, id: to, token: "" }, "migration", 0) },
      HostConfig: { ...body.HostConfig, RestartPolicy: { Name: "no" } },
    },
    timeoutMs,
    onLine: (line: string) => log.info(redact(line), { event: "migration.output", roll, way }),
  };
  const end = await runOnce(engine, work, signal, clock).catch((error) => {
    if (!(error instanceof LeftError)) throw asOutage(error) ?? error;
    const remove = () => engine.containers.remove(work.name, AbortSignal.timeout(REMOVE_MS));
    log.warn(error.message, { event: "migration.left", roll, way });
    throw new RemainsError(remnantOf({ roll, to }, remove), asOutage(error.cause) ?? error.cause);
  });
  if (end.code === 0) return;
  const memory = end.isOutOfMemory ? ", it was out of memory" : "";
  const lines = end.lastLines.slice(-TOLD_LINES).map(redact).join(" | ");
  const what = way === "forth" ? "the migration" : "taking back the migration";
  throw new Error(`${what} ended with code ${end.code}${memory}${lines && `: ${lines}`}`);
}

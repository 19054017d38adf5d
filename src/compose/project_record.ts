import { writeDurably } from "../artifact/durable.ts";
import type { ProjectName } from "./project_name.ts";

/** What we have once started is called so for ever: under another name it would be left behind. */
export interface ProjectRecord {
  readonly name: string;
  /** The project's directory, absolute. */
  readonly directory: string;
}

/** Labels of a container that tell whose it is. */
export type ContainerLabels = Readonly<Record<string, string>>;

/**
 * Writes down the name of a project at its first deployment; from then on, sees that it stays.
 *
 * @param path A file in the state directory.
 * @throws {Error} When it was another one.
 */
export async function keepProjectName(
  path: string,
  { name }: ProjectName,
  directory: string,
): Promise<ProjectRecord> {
  const record = await readProjectRecord(path);
  if (record === null) {
    const made = { name, directory };
    await writeDurably(path, `${JSON.stringify(made)}\n`);
    return made;
  }
  if (record.name === name) return record;
  throw new Error(
    `Cannot use the project name ${name}: the stack was started as ${record.name}, and would be ` +
      `left running; give --project-name ${record.name}, or stop it and remove ${path}`,
  );
}

/**
 * Null: nothing was started yet.
 *
 * @throws {Error} When it cannot be read or understood.
 */
export async function readProjectRecord(path: string): Promise<ProjectRecord | null> {
  try {
    const { name, directory } = JSON.parse(await Deno.readTextFile(path));
    if (typeof name === "string" && typeof directory === "string") return { name, directory };
    throw new Error("it is not what we have written");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read ${path}: ${why}`, { cause: error });
  }
}

/**
 * Who else uses the name of a project: another application of ours, or a stack in another
 * directory. Compose takes the containers of both for one stack, and removes what it does not know.
 *
 * @param containers The labels of all containers of the project.
 * @param services Those that `app` updates: others may be the business of another one. @default all
 * @returns Null: nobody.
 */
export function projectConflict(
  { name, directory }: ProjectRecord,
  app: string,
  containers: readonly ContainerLabels[],
  services: readonly string[] | null = null,
): string | null {
  for (const labels of containers) {
    const isMine = services?.includes(labels["com.docker.compose.service"] ?? "") ?? true;
    const owner = labels["liveroll.app"] ?? app;
    if (isMine && owner !== app) {
      return `the project ${name} belongs to ${owner}, another app of liveroll`;
    }
    const other = labels["com.docker.compose.project.working_dir"] ?? directory;
    if (other !== directory) return `the project ${name} is already in use for ${other}`;
  }
  return null;
}

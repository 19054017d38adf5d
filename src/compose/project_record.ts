import { writeDurably } from "../platform/durable.ts";
import type { ProjectName } from "./project_name.ts";

const SERVICE = "com.docker.compose.service";
const DIRECTORY = "com.docker.compose.project.working_dir";

/** What we have once started is called so for ever: under another name it would be left behind. */
export interface ProjectRecord {
  readonly name: string;
  /** The project's directory at that time, absolute. */
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

/** Who asks for a project. */
export interface ProjectAsker {
  readonly app: string;
  /** What tells containers of its state directory from all others. */
  readonly state: string;
  /** Where the project is now: it may have been moved since it was written down. */
  readonly directory: string;
  /** Those that it updates: others may be the business of another one. */
  readonly services: readonly string[];
}

/**
 * Who else uses the name of a project: another application of ours, or a stack in another
 * directory. Compose takes the containers of both for one stack, and removes what it does not know.
 *
 * @param containers The labels of all containers of the project.
 * @returns Null: nobody.
 */
export function projectConflict(
  record: ProjectRecord,
  asker: ProjectAsker,
  containers: readonly ContainerLabels[],
): string | null {
  const { name } = record;
  const { app, state, services } = asker;
  const mine = containers.filter((labels) => services.includes(labels[SERVICE] ?? ""));
  const owner = mine.map((labels) => labels["liveroll.app"] ?? app).find((one) => one !== app);
  if (owner !== undefined) {
    return `the project ${name} belongs to ${owner}, another app of liveroll`;
  }
  // Who has begun here goes on, wherever the files are by now.
  if (mine.some((labels) => labels["liveroll.state"] === state)) return null;
  const ours = [record.directory, asker.directory].map(realPath);
  const other = containers.map((labels) => labels[DIRECTORY])
    .find((directory) => directory !== undefined && !ours.includes(realPath(directory)));
  return other === undefined ? null : `the project ${name} is already in use for ${other}`;
}

/** One directory may have several names; one that is gone has the name that it had. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

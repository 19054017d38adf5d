/** As long as the name of a host can be: names of containers and networks begin with it. */
const MAX_LENGTH = 63;

/** What compose takes; it can never be understood as an option. */
const VALID = /^[a-z0-9][a-z0-9_-]*$/;

/** Where a project's name comes from. */
export const PROJECT_NAME_ORIGINS = ["option", "environment", "file", "directory"] as const;

/** One of {@linkcode PROJECT_NAME_ORIGINS}. */
export type ProjectNameOrigin = typeof PROJECT_NAME_ORIGINS[number];

/** What names a project, the strongest first. */
export interface ProjectNameSources {
  /** What the operator has said to us; null: nothing. */
  readonly option: string | null;
  /** `COMPOSE_PROJECT_NAME`, of the environment or of the environment file. */
  readonly environment: string | null;
  /** `name:` of the compose file. */
  readonly file: string | null;
  /** The project's directory, absolute. */
  readonly directory: string;
}

/** A name, and who gave it. */
export interface ProjectName {
  readonly name: string;
  readonly origin: ProjectNameOrigin;
}

/**
 * The name under which compose knows the stack: the one that the operator's own `docker compose`
 * uses, so that both mean the same containers. A name that was given is taken as it is or not at
 * all: were it changed, two of them could become the same one.
 *
 * @throws {Error} When a name is given that compose would not take, or none can be made.
 */
export function projectName(sources: ProjectNameSources): ProjectName {
  for (const origin of ["option", "environment", "file"] as const) {
    const name = sources[origin];
    // Compose takes an empty one for none, as well.
    if (name !== null && name !== "") return { name: checked(name, PLACES[origin]), origin };
  }
  const { directory } = sources;
  const name = normalise(directory.replace(/\/+$/, "").split("/").at(-1) ?? "");
  if (name === "" || name.length > MAX_LENGTH) {
    throw new Error(
      `Cannot name a project after the directory ${directory}: give a name of 1 to ${MAX_LENGTH} ` +
        "letters and digits with --project-name",
    );
  }
  return { name, origin: "directory" };
}

const PLACES = {
  option: "--project-name",
  environment: "COMPOSE_PROJECT_NAME",
  file: "name: in the compose file",
} as const;

function checked(name: string, place: string): string {
  if (VALID.test(name) && name.length <= MAX_LENGTH) return name;
  const better = normalise(name).slice(0, MAX_LENGTH);
  const hint = better === "" ? "" : `; ${better} would do`;
  throw new Error(
    `Cannot use ${JSON.stringify(name)} as project name (${place}): it has to begin with a small ` +
      `letter or a digit, and to have only these, _ and -, ${MAX_LENGTH} at most${hint}`,
  );
}

/** As compose itself does with the name of a directory. */
function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "");
}

import { type ComposeVersion, findCompose } from "../../src/compose/program/find.ts";
import { type Requirement, requirement } from "./skip.ts";

/** A compose that is installed here, and how everybody is brought to use this one. */
export interface InstalledCompose extends ComposeVersion {
  /** For the names of tests: `docker-compose 1.29.2`. */
  readonly name: string;
  /** Who has this environment finds this one and no other. */
  readonly env: Readonly<Record<string, string>>;
  /** Met unless there is none at all. */
  readonly isThere: Requirement;
  /** What it calls the first container of a service. */
  containerName(project: string, service: string): string;
}

/** A `docker` that knows no plugin. */
const NO_PLUGIN = new URL("no_plugin", import.meta.url).pathname;

const NONE: ComposeVersion = { major: 1, text: "", words: ["docker-compose"] };

/**
 * Every compose that is installed here, the one that liveroll takes first: the plugin, also one that
 * only `DOCKER_CONFIG` leads to, and the program. Tests are run with each; one that is not there is
 * no reason to skip as long as there is another. Never empty.
 */
export async function installedComposes(): Promise<[InstalledCompose, ...InstalledCompose[]]> {
  const plugin = await find({});
  const program = await find({ PATH: `${NO_PLUGIN}:${Deno.env.get("PATH")}` });
  // A program of the same version is the same one, or a link to it.
  const both = [plugin, program].filter((one) => one !== null);
  const [first = asInstalled(NONE, {}), ...others] = both;
  return [first, ...others.filter(({ text }) => text !== first.text)];
}

/** Null: there is none, or one that is too old. */
async function find(env: Readonly<Record<string, string>>): Promise<InstalledCompose | null> {
  try {
    return asInstalled(await findCompose({ ...Deno.env.toObject(), ...env }), env);
  } catch {
    return null;
  }
}

function asInstalled(version: ComposeVersion, env: Readonly<Record<string, string>>) {
  const why = "neither docker compose nor docker-compose installed";
  const joint = version.major === 1 ? "_" : "-";
  return {
    ...version,
    env,
    name: `${version.words.join(" ")} ${version.text}`.trim(),
    isThere: requirement(version !== NONE, why),
    containerName: (project: string, service: string) => [project, service, 1].join(joint),
  };
}

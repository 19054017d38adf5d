import { envVariables } from "../../compose/dotenv/variables.ts";
import { ComposeCli } from "../../compose/program/compose_cli.ts";
import { type ComposeVersion, findCompose } from "../../compose/program/find.ts";
import { requireSavable } from "../../compose/savable.ts";
import { directoryOf, planStack, type StackPlan } from "../../compose/stack_plan.ts";
import type { ComposeOptions, Config } from "../../config/config.ts";
import { createRedactor } from "../../notify/redact.ts";

/** A stack that was read. */
export interface OpenStack {
  readonly plan: StackPlan;
  readonly version: ComposeVersion;
  /** All that its services and files give values to, by names that tell what is secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Reads the stack that `--compose-file` names. Nothing is done, and no engine is needed.
 *
 * @returns Null: versions are not services of a compose file.
 * @throws {Error} When it cannot be updated as the operator wishes; the message says why.
 */
export async function openStack(
  config: Config,
  env: Readonly<Record<string, string>>,
): Promise<OpenStack | null> {
  const { compose: options } = config;
  if (options === null) return null;
  for (const file of options.files) await requireFile(file);
  const version = await findCompose(env);
  const envFile = await envVariables(options.envFile ?? `${directoryOf(options.files)}/.env`);
  const redact = createRedactor({ ...named("env-file", envFile), ...env });
  const compose = new ComposeCli({ version, env, managedKey: options.envKey, redact });
  const plan = await planStack(compose, options, {
    strategy: config.strategy,
    containerPort: options.port,
    listens: config.ports.map(({ listen }) => listen),
    registry: repositoryOf(config),
    env,
    envFile,
  });
  if (config.data.snapshot?.kind === "volumes") await requireSavable(plan.services, plan.model);
  return { plan, version, variables: { ...named("env-file", envFile), ...variablesOf(plan) } };
}

/** Compose says this with many words. */
async function requireFile(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read the compose file ${path}: ${why}`, { cause: error });
  }
}

/** The same variable may have another value in every service. */
function variablesOf({ model }: StackPlan): Record<string, string> {
  const all = [...model.services.values()]
    .map(({ name, environment }) => named(`service-${name}`, environment));
  return Object.assign({}, ...all);
}

function named(
  place: string,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`${place}_${name}`, value]),
  );
}

function repositoryOf({ registry }: Config) {
  return registry?.kind === "oci" ? registry : null;
}

/** What `--check` says of a stack, line by line. */
export function describeStack(
  { plan, version }: OpenStack,
  { files }: Pick<ComposeOptions, "files">,
): readonly string[] {
  const { project, services, strategy, stack } = plan;
  const ORIGINS = {
    option: "--project-name",
    environment: "COMPOSE_PROJECT_NAME",
    file: "docker compose",
    directory: "the directory",
  } as const;
  return [
    `compose   ${version.words.join(" ")} ${version.text}`,
    `files     ${files.join(", ")}, in ${stack.directory}`,
    `project   ${project.name}, by ${ORIGINS[project.origin]}`,
    `services  ${services.map(({ name }) => name).join(", ")}; requests go to ${services[0].name}`,
    `strategy  ${strategy}${STRATEGY_NOTES[strategy]}`,
  ];
}

const STRATEGY_NOTES = {
  recreate: ": requests wait while containers are replaced",
  "blue-green": ": new containers are made beside those that serve",
} as const;

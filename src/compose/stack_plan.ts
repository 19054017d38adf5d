import {
  formatRepository,
  type ImageReference,
  type ImageRepository,
  parseImageName,
} from "../image/image_reference.ts";
import { requireService, type ServiceModel, type StackModel } from "./model.ts";
import type { ComposeProgram } from "./program/compose_program.ts";
import type { ComposeStack } from "./program/stack.ts";
import { type ProjectName, projectName } from "./project_name.ts";
import { factsOf, obstacles, type Reason, type ReplaceStrategy, WHOLE_STACK } from "./strategy.ts";

/** What an operator says about a stack. */
export interface StackOptions {
  /** Absolute; later ones override earlier ones. */
  readonly files: readonly string[];
  /** Those that are updated; the first one gets the requests. */
  readonly services: readonly string[];
  /** Null: compose's own rules find one. */
  readonly projectName: string | null;
  /** Absolute; null: `.env` beside the first file, if there is one. */
  readonly envFile: string | null;
  /** The variable in it that names the version; null: an override file of ours does. */
  readonly envKey: string | null;
  readonly isSharedVolumeSafe: boolean;
}

/** What else a plan depends on. */
export interface StackWishes {
  readonly strategy: ReplaceStrategy;
  /** Port in the containers that requests go to; null: not said. */
  readonly containerPort: number | null;
  /** Ports of this host that we listen on. */
  readonly listens: readonly number[];
  /** Where versions come from, if not from the tag in the file. */
  readonly registry: ImageRepository | null;
  /** Variables of our own environment, and of the environment file. */
  readonly env: Readonly<Record<string, string>>;
  readonly envFile: Readonly<Record<string, string>>;
}

/** A stack, as far as it is known before anything is done. */
export interface StackPlan {
  readonly stack: ComposeStack;
  readonly project: ProjectName;
  readonly model: StackModel;
  /** The first one gets the requests. */
  readonly services: readonly [ServiceModel, ...ServiceModel[]];
  /** What all of them run, as the file says. */
  readonly image: ImageReference;
  readonly strategy: ReplaceStrategy;
  /** Null: what the image says. */
  readonly port: number | null;
}

/**
 * Reads a stack and finds out how it can be updated. Nothing is done, and the engine is not asked.
 *
 * @throws {Error} When it cannot be updated as the operator wishes; the message says why.
 */
export async function planStack(
  compose: Pick<ComposeProgram, "defaultProject" | "config">,
  options: StackOptions,
  wishes: StackWishes,
): Promise<StackPlan> {
  const { files, envFile } = options;
  const directory = directoryOf(files);
  const unnamed = { directory, files, envFile, profiles: [] };
  const project = projectName({
    option: options.projectName,
    environment: wishes.env.COMPOSE_PROJECT_NAME || wishes.envFile.COMPOSE_PROJECT_NAME || null,
    file: await compose.defaultProject(unnamed),
    directory,
  });
  const stack = { ...unnamed, project: project.name };
  const model = await compose.config(stack);
  const services = options.services.map((name) => requireService(model, name));
  const [first, ...others] = services;
  if (first === undefined) throw new Error("Cannot update a stack: no service is named");
  requireReachable(first, wishes.listens);
  const image = commonImage(services, wishes.registry);
  for (const service of services) requireNoGuests(service, services, model);
  const { strategy } = wishes;
  if (strategy === "blue-green") requireCopies(services, model, options.isSharedVolumeSafe);
  return {
    stack,
    project,
    model,
    services: [first, ...others],
    image,
    strategy,
    port: wishes.containerPort ?? onlyPort(first),
  };
}

/** The project's directory: what relative paths in the files mean to compose. */
export function directoryOf([first = ""]: readonly string[]): string {
  return first.slice(0, first.lastIndexOf("/")) || "/";
}

function requireReachable(
  { name, ports, networkMode, replicas }: ServiceModel,
  listens: readonly number[],
): void {
  if (replicas === 0) {
    throw new Error(
      `Cannot send requests to the service ${name}: the file asks for no container of it (scale, ` +
        "or deploy.replicas); name another one first",
    );
  }
  const taken = ports.find(({ published }) => listens.some((port) => `${port}` === published));
  if (taken !== undefined) {
    throw new Error(
      `Cannot listen on port ${taken.published}: the service ${name} publishes it itself; take it ` +
        "out of its ports, or give another --port",
    );
  }
  if (networkMode !== null && /^(none$|service:|container:)/.test(networkMode)) {
    throw new Error(
      `Cannot send requests to the service ${name}: it has no network of its own ` +
        `(network_mode: ${networkMode}); name another one first`,
    );
  }
}

/** A container that lives in another one has nowhere to live when that is replaced. */
function requireNoGuests(
  { name }: ServiceModel,
  updated: readonly ServiceModel[],
  { services }: StackModel,
): void {
  const guest = [...services.values()]
    .find((service) => service.hosts.includes(name) && !updated.includes(service));
  if (guest === undefined) return;
  throw new Error(
    `Cannot update the service ${name}: ${guest.name} lives in it (service:${name} in its ` +
      "network_mode, ipc or pid), and would be cut off when it is replaced; give that a network of " +
      "its own",
  );
}

function commonImage(
  services: readonly ServiceModel[],
  registry: ImageRepository | null,
): ImageReference {
  const images = services.map(imageOf);
  const wanted = registry ?? images[0]!;
  images.forEach((image, index) => {
    if (formatRepository(image) === formatRepository(wanted)) return;
    const whose = registry === null ? `${services[0]!.name} runs` : "--registry names";
    throw new Error(
      `Cannot update the service ${services[index]!.name}: it runs ${formatRepository(image)}, ` +
        `and ${whose} ${formatRepository(wanted)}; one liveroll updates one image`,
    );
  });
  return images[0]!;
}

function imageOf({ name, image }: ServiceModel): ImageReference {
  if (image === null) {
    throw new Error(
      `Cannot update the service ${name}: it has no image: in the compose file; what is built here ` +
        "has no versions in a registry",
    );
  }
  const parsed = parseImageName(image);
  if (parsed.kind === "reference") return parsed.reference;
  throw new Error(`Cannot update the service ${name}: ${image} is one image and never gets newer`);
}

/** What was asked for is refused, so that nobody believes to have what he has not. */
function requireCopies(
  services: readonly ServiceModel[],
  model: StackModel,
  isSharedVolumeSafe: boolean,
): void {
  if (services.length > 1 && services.length === model.services.size) {
    requireNone([WHOLE_STACK], "this stack");
  }
  for (const service of services) {
    const reasons = obstacles(factsOf(service, model), isSharedVolumeSafe);
    requireNone(reasons, `the service ${service.name}`);
  }
}

function requireNone(reasons: readonly Reason[], what: string): void {
  if (reasons.length === 0) return;
  const why = reasons.map(({ text }) => text).join("; ");
  throw new Error(`Cannot replace ${what} by blue-green: ${why}`);
}

/** What the file publishes is what people ask for. */
function onlyPort({ ports }: ServiceModel): number | null {
  const targets = new Set(ports.filter(({ protocol }) => protocol === "tcp").map(portOf));
  return targets.size === 1 ? [...targets][0]! : null;
}

function portOf({ target }: ServiceModel["ports"][number]): number {
  return Number(target);
}

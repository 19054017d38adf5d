import type { ServiceModel } from "../../compose/model.ts";
import { holdsData } from "../../compose/savable.ts";
import type { StackPlan } from "../../compose/stack_plan.ts";
import type { Mount } from "../../container/engine/container_info.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { type DataPlace, type FindPlaces, isSocket } from "../../data/data_place.ts";
import { COMPOSE_LABELS } from "./places.ts";

/** Of a volume, beside the name of its project: its key in the file. */
const VOLUME_LABEL = "com.docker.compose.volume";

/** Where services keep their data. */
export interface StackPlacesOptions {
  readonly engine: Pick<Engine, "containers">;
  readonly plan: Pick<StackPlan, "services" | "model" | "project">;
}

/**
 * What the services of a stack write to: by the files, and by the containers that there are.
 * Compose hands volumes without a name on from one container to the next; only the container knows
 * what they are called.
 */
export function placesOfStack({ engine, plan }: StackPlacesOptions): FindPlaces {
  return async (signal) => {
    const places = [...placesInFiles(plan), ...await placesInUse(engine, plan, signal)];
    return places.filter((place, index) =>
      places.findIndex(({ kind, source }) => kind === place.kind && source === place.source) ===
        index
    );
  };
}

/**
 * By which the containers of a service are found, also those that somebody has made by hand: they
 * are replaced. What was started by `compose run` is not.
 */
export function labelsOfService(
  { project }: Pick<StackPlan, "project">,
  { name }: Pick<ServiceModel, "name">,
): readonly string[] {
  return [
    `${COMPOSE_LABELS.project}=${project.name}`,
    `${COMPOSE_LABELS.service}=${name}`,
    `${COMPOSE_LABELS.oneOff}=False`,
  ];
}

function placesInFiles({ services, model, project }: StackPlacesOptions["plan"]): DataPlace[] {
  const mounts = services.flatMap((service) => service.mounts.filter(holdsData));
  return mounts.map(({ type, source, target }): DataPlace => {
    if (type === "bind") return { kind: "bind", source: source!, target, labels: {} };
    const volume = model.volumes.get(source!);
    const labels = volume?.isExternal
      ? null
      : { [COMPOSE_LABELS.project]: project.name, [VOLUME_LABEL]: source! };
    return { kind: "volume", source: volume?.name ?? source!, target, labels };
  });
}

async function placesInUse(
  { containers }: Pick<Engine, "containers">,
  plan: StackPlacesOptions["plan"],
  signal: AbortSignal,
): Promise<DataPlace[]> {
  const places: DataPlace[] = [];
  for (const service of plan.services) {
    for (const { id } of await containers.list(labelsOfService(plan, service), signal)) {
      const info = await containers.find(id, signal);
      places.push(...(info?.mounts ?? []).flatMap(placeOf));
    }
  }
  return places;
}

function placeOf({ kind, name, source, target, isWritable }: Mount): DataPlace[] {
  if (!isWritable) return [];
  if (kind === "volume") return [{ kind, source: name, target, labels: null }];
  if (kind !== "bind" || isSocket(source)) return [];
  return [{ kind, source, target, labels: {} }];
}

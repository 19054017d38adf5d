import { holdsData } from "../../compose/snapshot/savable.ts";
import type { StackPlan } from "../../compose/stack_plan.ts";
import type { Mount } from "../../container/engine/container_info.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { type DataPlace, type FindPlaces, isSocket } from "../../data/data_place.ts";
import { COMPOSE_LABELS, serviceOf } from "./places.ts";

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
  { services, project }: StackPlacesOptions["plan"],
  signal: AbortSignal,
): Promise<DataPlace[]> {
  const labels = [`${COMPOSE_LABELS.project}=${project.name}`, `${COMPOSE_LABELS.oneOff}=False`];
  const places: DataPlace[] = [];
  for (const one of await containers.list(labels, signal)) {
    if (!services.some(({ name }) => name === serviceOf(one))) continue;
    const info = await containers.find(one.id, signal);
    places.push(...(info?.mounts ?? []).flatMap(placeOf));
  }
  return places;
}

function placeOf({ kind, name, source, target, isWritable }: Mount): DataPlace[] {
  if (!isWritable) return [];
  if (kind === "volume") return [{ kind, source: name, target, labels: null }];
  if (kind !== "bind" || isSocket(source)) return [];
  return [{ kind, source, target, labels: {} }];
}

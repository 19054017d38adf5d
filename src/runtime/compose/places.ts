import type { ContainerSummary } from "../../container/engine/containers.ts";
import type { Place } from "../container/maker.ts";

/** Labels that compose gives to what it makes. */
export const COMPOSE_LABELS = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  number: "com.docker.compose.container-number",
  oneOff: "com.docker.compose.oneoff",
} as const;

/** The service that each place of an instance belongs to: all those of the first one come first. */
export function placesOf(
  services: readonly { readonly name: string; readonly replicas: number }[],
): readonly string[] {
  return services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, () => name));
}

/**
 * Gives containers that were found again their places. Those that are too many come after all places
 * that there are; those of other services have none.
 */
export function placeAll(
  places: readonly string[],
  found: readonly ContainerSummary[],
): readonly Place[] {
  const byNumber = found.toSorted((a, b) => numberOf(a) - numberOf(b));
  // One that serves is not one too many while there is one that does not.
  const inOrder = [true, false].flatMap((runs) => byNumber.filter((one) => isUp(one) === runs));
  const left = new Set(inOrder.filter((one) => places.includes(serviceOf(one))));
  const placed = places.flatMap((service, number) => {
    const one = inOrder.find((each) => left.has(each) && serviceOf(each) === service);
    if (one === undefined) return [];
    left.delete(one);
    return [{ id: one.id, number }];
  });
  const surplus = [...left].map(({ id }, index) => ({ id, number: places.length + index }));
  return [...placed, ...surplus];
}

/** The service that a container belongs to. */
export function serviceOf({ labels }: Pick<ContainerSummary, "labels">): string {
  return labels[COMPOSE_LABELS.service] ?? "";
}

function isUp({ state }: ContainerSummary): boolean {
  return state === "running" || state === "paused";
}

function numberOf({ labels }: ContainerSummary): number {
  return Number(labels[COMPOSE_LABELS.number] ?? 0);
}

import { assertEquals } from "@std/assert";
import type { ContainerSummary } from "../../../../src/container/engine/containers.ts";
import { COMPOSE_LABELS, placeAll, placesOf } from "../../../../src/runtime/compose/places.ts";

function container(id: string, service: string, number: number): ContainerSummary {
  const labels = { [COMPOSE_LABELS.service]: service, [COMPOSE_LABELS.number]: `${number}` };
  return { id, name: id, imageId: "", image: "", state: "running", labels, createdAt: 0 };
}

const PLACES = placesOf([{ name: "web", replicas: 2 }, { name: "worker", replicas: 1 }]);

Deno.test("every container that a file asks for has a place, those of the first service first", () => {
  assertEquals(PLACES, ["web", "web", "worker"]);
});

Deno.test("containers that are found again get places by service and number", () => {
  const found = [container("c", "worker", 1), container("b", "web", 12), container("a", "web", 9)];
  assertEquals(placeAll(PLACES, found), [
    { id: "a", number: 0 },
    { id: "b", number: 1 },
    { id: "c", number: 2 },
  ]);
});

Deno.test("one that has ended does not take the place of one that serves", () => {
  const ended = { ...container("a", "worker", 1), state: "exited" as const };
  assertEquals(placeAll(PLACES, [ended, container("b", "worker", 2)]), [
    { id: "b", number: 2 },
    { id: "a", number: 3 },
  ]);
});

Deno.test("a place may stay empty; what is too much comes after all, what is not ours has none", () => {
  const found = [
    ...[container("b", "worker", 2), container("a", "worker", 1), container("x", "db", 1)],
    container("c", "worker", 3),
  ];
  assertEquals(placeAll(PLACES, found), [
    { id: "a", number: 2 },
    { id: "b", number: 3 },
    { id: "c", number: 4 },
  ]);
});

import type { Order, Plan } from "../../src/control/operator.ts";

/** What would come of an order, as tests have it. */
export function fakePlan(order: Order): Plan {
  const id = "id" in order ? order.id : null;
  return {
    action: id === null ? "check" : "roll",
    detail: "as the test says",
    from: "v1",
    to: id,
    obstacle: null,
    known: true,
    strategy: "blue-green",
    phases: ["port", "start", "gate", "switch"],
    ports: [8101, 8102],
    notes: [],
  };
}

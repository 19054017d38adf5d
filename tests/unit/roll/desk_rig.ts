import { assertEquals } from "@std/assert";
import type { Answer, Order, Setting } from "../../../src/roll/orders.ts";
import { Book } from "./book.ts";
import { Life } from "./fair_world.ts";

/** The newest version, as `liveroll update` asks for it. */
export const UPDATE: Extract<Order, { kind: "update" }> = {
  kind: "update",
  id: null,
  force: false,
  by: "command",
};

/** `v1` ran, `v2` serves and is the newest version. */
export async function setUp(settings: readonly Setting[] = []) {
  const book = new Book();
  const life = new Life({ intervalMs: 3_600_000 }, (world) => {
    world.journal = book;
  });
  await life.serve("v1");
  life.publish("v2");
  for (const id of ["v3", "v9"]) life.world.behave(id);
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(3_000);
  assertEquals(life.current?.id, "v2");
  for (const setting of settings) await life.desk.set(setting);
  await life.pass(1_000);
  life.world.events.length = 0;
  /** An order, and what became of it after a while. */
  const order = async (what: Order, ms = 20_000) => {
    const answer = await life.desk.order(what);
    await life.pass(ms);
    return { answer, ...fate(life, answer) };
  };
  const settings_ = () => life.updater.preferences.now;
  return { life, book, order, settings: settings_ };
}

/** How the request of an answer stands. */
export function fate(life: Life, answer: Answer): { outcome: string | null; detail: string } {
  if (!answer.accepted) return { outcome: answer.reason, detail: answer.detail };
  const { outcome, detail } = life.updater.requests.get(answer.request)!;
  const told = life.world.of("request.ended").filter(({ request }) => request === answer.request);
  assertEquals(told.length, outcome === null ? 0 : 1);
  return { outcome, detail };
}

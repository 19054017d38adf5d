import { assertEquals } from "@std/assert";
import { setUp, UPDATE } from "./desk_rig.ts";
import { Life } from "./fair_world.ts";

const SKIP = (id: string) => ({ kind: "skip", id }) as const;
const SLOW = { healthyAfterMs: 5_000 };

/** How each roll ended, by its version. */
function ends(life: Life): string[] {
  return life.world.events.flatMap((event) => {
    switch (event.type) {
      case "roll.succeeded":
      case "roll.failed":
      case "roll.skipped":
      case "roll.interrupted":
        return [`${event.id} ${event.type.slice("roll.".length)}`];
      default:
        return [];
    }
  });
}

Deno.test("skip ends the roll of a version that is in its gate, and only the candidate stops", async () => {
  const { life, book, settings } = await setUp();
  life.publish("v3", SLOW);
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(2_000);
  assertEquals(life.updater.rollUnderWay?.target.id, "v3");
  const serving = life.current;
  await life.desk.set(SKIP("v3"));
  await life.pass(100_000);
  assertEquals([life.current, settings().skipped], [serving, ["v3"]]);
  assertEquals(life.world.alive, [serving!.key]);
  assertEquals(ends(life), ["v3 skipped"]);
  const last = book.lines.flatMap((line) =>
    line.step === "roll.ended" ? [[line.outcome, line.detail]] : []
  ).at(-1);
  assertEquals(last, ["skipped", "v3 is skipped"]);
  assertEquals(life.updater.quarantine.list(), [], "nothing is wrong with it");
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(10_000);
  assertEquals(ends(life), ["v3 skipped"], "and it is not tried again");
  await life.end();
});

Deno.test("who asked for it hears that it was skipped, even if it was forced", async () => {
  const { life } = await setUp();
  life.world.behave("v3", SLOW);
  const answer = await life.desk.order({ ...UPDATE, id: "v3", force: true });
  await life.pass(2_000);
  await life.desk.set(SKIP("v3"));
  await life.pass(20_000);
  const { outcome, detail } = life.updater.requests.get(answer.accepted ? answer.request : 0)!;
  assertEquals([outcome, detail, life.current?.id], ["skipped", "v3 is skipped", "v2"]);
  await life.end();
});

Deno.test("skip of another version leaves a roll alone, and so does skip after the switch", async () => {
  const { life } = await setUp();
  life.publish("v3", SLOW);
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(2_000);
  await life.desk.set(SKIP("v9"));
  while (life.current?.id !== "v3") await life.pass(10);
  await life.desk.set(SKIP("v3"));
  await life.pass(20_000);
  assertEquals([life.current?.id, ends(life)], ["v3", ["v3 succeeded"]]);
  await life.end();
});

Deno.test("what serves is started anew although it is skipped", async () => {
  const { life } = await setUp();
  life.world.behave("v2", SLOW);
  const before = life.current;
  life.updater.agenda.requestRestart();
  await life.pass(2_000);
  await life.desk.set(SKIP("v2"));
  await life.pass(20_000);
  assertEquals([life.current?.id, life.current === before], ["v2", false]);
  assertEquals(ends(life), ["v2 succeeded"]);
  await life.end();
});

Deno.test("with the exclusive strategy the version before comes back at once", async () => {
  const life = new Life({ exclusive: true, intervalMs: 3_600_000 });
  await life.serve("v1");
  life.publish("v2", { healthyAfterMs: 50_000 });
  life.updater.agenda.check({ trigger: "interval", force: false, requests: [] });
  await life.pass(5_000);
  assertEquals(life.updater.rollUnderWay?.target.id, "v2");
  assertEquals(life.world.of("instance.stopped").map(({ instance }) => instance.id), ["v1"]);
  await life.desk.set(SKIP("v2"));
  await life.pass(10_000);
  assertEquals(life.current?.id, "v1");
  assertEquals(ends(life), ["v1 succeeded", "v2 skipped", "v1 succeeded"]);
  await life.end();
});

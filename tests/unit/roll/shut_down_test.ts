import { assertEquals } from "@std/assert";
import { putDown, shutDown, type ShutDownTools } from "../../../src/roll/shut_down.ts";
import { FairWorld, never } from "./fair_world.ts";

/** Who comes to an end; `order` tells in which order. */
function setUp() {
  const order: string[] = [];
  const note = (what: string) => void order.push(what);
  const noteLater = (what: string) => Promise.resolve().then(() => note(what));
  const { source, traffic } = new FairWorld();
  const tools: ShutDownTools = {
    effects: {
      source: { ...source, idle: () => noteLater("source") },
      traffic: {
        ...traffic,
        close: async (timeoutMs) => {
          await noteLater(`drained in ${timeoutMs}`);
          return { finished: 0, cut: 0 };
        },
      },
    },
    nextUp: { giveUp: (reason) => note(`given up: ${reason}`) },
    errands: { settled: () => noteLater("errands") },
    preferences: { idle: () => noteLater("preferences") },
    requests: { endAll: (outcome, detail) => note(`${outcome}: ${detail}`) },
    stage: { clear: () => noteLater("stage") },
    chronicle: { settled: () => noteLater("chronicle") },
    guard: { stop: () => note("guard") },
    announcer: { announce: ({ state }) => note(state) },
  };
  return { tools, order };
}

Deno.test("an end in order drains before it stops, waits for what runs, and has the last word", async () => {
  const { tools, order } = setUp();
  await shutDown(tools, 30, never());
  assertEquals(order, [
    "given up: liveroll is stopping",
    "guard",
    "drained in 30",
    "stage",
    "errands",
    // What was being started meanwhile is on the stage only now.
    "stage",
    "source",
    "preferences",
    "interrupted: liveroll has stopped",
    "chronicle",
    "stopped",
  ]);
});

Deno.test("who leaves stops nothing that serves, and says nothing of an end", async () => {
  const { tools, order } = setUp();
  await putDown(tools);
  assertEquals(order, [
    "given up: another liveroll goes on",
    "errands",
    "source",
    "preferences",
    "interrupted: another liveroll goes on",
  ]);
});

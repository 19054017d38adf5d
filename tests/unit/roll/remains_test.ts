import { assert, assertEquals } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import type { StopOutcome } from "../../../src/roll/instance.ts";
import { Remains } from "../../../src/roll/remains.ts";
import type { SimInstance } from "../../simulation/sim_world.ts";
import { FairWorld, Life } from "./fair_world.ts";

const EXCLUSIVE = { exclusive: true, minHealthyMs: 0 };

/** Has `instance` outlive every try to end it, until it is let go. */
function clings(instance: SimInstance) {
  const grip = { holds: true, tries: [] as number[] };
  const { clock } = instance.world;
  const stop = instance.stop.bind(instance);
  instance.stop = async (): Promise<StopOutcome> => {
    grip.tries.push(clock.now());
    if (!grip.holds) return await stop();
    await clock.sleep(100);
    return "survived";
  };
  return grip;
}

/** A version serves, cannot be ended, and another one was found. */
async function blocked() {
  const life = new Life(EXCLUSIVE);
  const grip = clings(await life.serve("v1"));
  life.publish("v2");
  await life.pass(300_000);
  return { life, grip };
}

Deno.test("no exclusive version starts while the one before may still write", async () => {
  const { life, grip } = await blocked();
  assertEquals(life.world.instances.length, 1);
  assertEquals(life.world.of("roll.failed"), []);
  assertEquals(life.world.of("quarantine.added"), []);
  assertEquals(life.world.of("instance.awaited").map(({ instance }) => instance.key), ["i1"]);
  assertEquals(
    life.detail,
    "starting v2; v1 (i1) cannot be ended: nothing is started on its data before it is gone",
  );
  assertEquals(life.world.of("state").at(-1)?.state, "degraded");
  grip.holds = false;
  await life.pass(70_000);
  assertEquals([life.current?.id, life.detail], ["v2", "serving v2 on port 9101"]);
  assertEquals(life.world.of("instance.stopped").map(({ outcome }) => outcome), [
    "survived",
    "stopped",
  ]);
  await life.end();
});

Deno.test("who cannot be ended is tried again, ever less often", async () => {
  const { life, grip } = await blocked();
  const pauses = grip.tries.slice(1).map((at, index) => at - grip.tries[index]! - 100);
  assertEquals(pauses.slice(0, 8), [1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000));
  grip.holds = false;
  await life.end();
});

Deno.test("what has crashed is healed once it is seen to be gone", async () => {
  const life = new Life(EXCLUSIVE);
  const first = await life.serve("v1");
  const grip = clings(first);
  first.end({ code: 1, signal: null });
  await life.pass(100_000);
  assertEquals(life.world.instances.length, 1);
  grip.holds = false;
  await life.pass(70_000);
  assertEquals(life.current?.key, "i2");
  await life.end();
});

Deno.test("side by side nobody waits for who cannot be ended, and it is told", async () => {
  const life = new Life();
  const grip = clings(await life.serve("v1"));
  life.publish("v2");
  await life.pass(60_000);
  assertEquals(life.detail, "serving v2 on port 9102; v1 (i1) cannot be ended");
  assertEquals(life.world.of("instance.awaited"), []);
  assert(life.updater.mayLeave());
  grip.holds = false;
  await life.pass(70_000);
  assertEquals(life.detail, "serving v2 on port 9102");
  await life.end();
});

Deno.test("TERM is not kept waiting by who cannot be ended", async () => {
  const { life, grip } = await blocked();
  life.term();
  await life.pass(60_000);
  assert(life.ended);
  assertEquals(life.world.of("roll.interrupted").length, 1);
  const { length } = grip.tries;
  await life.pass(120_000);
  assertEquals(grip.tries.length, length);
});

Deno.test("nobody is ended by what is on a port that somebody else has by now", async () => {
  const world = new FairWorld();
  const instance = await world.launch("v1", 9101);
  const grip = clings(instance);
  grip.holds = false;
  const port = { isTaken: true, claims: 0 };
  const gone: string[] = [];
  const remains = new Remains(world, new Chronicle(world.journal, world.observe), {
    claimPort: () => {
      if (port.isTaken) return null;
      port.claims++;
      return { [Symbol.dispose]: () => void port.claims-- };
    },
    onGone: ({ key }) => void gone.push(key),
  });
  remains.add(instance);
  await passing(world, 600_000);
  assertEquals([grip.tries, gone], [[], []]);
  port.isTaken = false;
  await passing(world, 70_000);
  assertEquals([grip.tries.length, gone, port.claims], [1, [instance.key], 0]);
});

async function passing({ clock }: FairWorld, ms: number): Promise<void> {
  const until = clock.now() + ms;
  while (await clock.step(until));
}

import { assertEquals, assertRejects } from "@std/assert";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { PHASES } from "../../../src/roll/journal.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { Book } from "./book.ts";
import { FairWorld, never } from "./fair_world.ts";

/** Phases of roll 3, in a world whose calendar is a day ahead of its clock. */
function setUp() {
  const world = new FairWorld();
  const book = new Book();
  const events: unknown[] = [];
  world.journal = book;
  world.date = () => world.clock.now() + 86_400_000;
  world.onEvent = (event) => events.push(event);
  const chronicle = new Chronicle(book, (event) => events.push(event));
  return { world, book, events, phases: new Phases(3, world, chronicle) };
}

for (const name of PHASES) {
  Deno.test(`${name}: told when it begins, told and written down when it ends`, async () => {
    const { world, book, events, phases } = setUp();
    const work = async () => {
      assertEquals(events, [{ type: "roll.phase", roll: 3, name }]);
      await world.clock.sleep(250);
      return "done";
    };
    assertEquals(await world.await(phases.run(name, null, work)), "done");
    const phase = { name, startedAt: 86_400_000, durationMs: 250, outcome: "succeeded" } as const;
    assertEquals(events.slice(1), [{ type: "roll.phase_ended", roll: 3, phase }]);
    assertEquals(book.lines, [{ step: "phase.ended", roll: 3, phase }]);
  });
}

const HALTED = new Error("halted");

for (
  const [what, outcome, aborted, result, isGood] of [
    ["a result nobody judges", "succeeded", false, "x", undefined],
    ["a result that is good", "succeeded", false, "x", () => true],
    ["a result that is not", "failed", false, "x", () => false],
    ["a good result although it was called off", "succeeded", true, "x", () => true],
    ["an error", "failed", false, HALTED, undefined],
    ["an error because it was called off", "interrupted", true, HALTED, undefined],
  ] as const
) {
  Deno.test(`${what}: the phase has ${outcome}, and the caller is told`, async () => {
    const { book, phases } = setUp();
    const signal = aborted ? AbortSignal.abort(HALTED) : never();
    const work = () => result === HALTED ? Promise.reject(HALTED) : Promise.resolve(result);
    const done = phases.run("gate", signal, work, isGood);
    if (result === HALTED) await assertRejects(() => done, Error, "halted");
    else assertEquals(await done, result);
    assertEquals(book.of("phase.ended").map(({ phase }) => phase.outcome), [outcome]);
  });
}

Deno.test("nobody waits for the record of a phase, and its trouble does not matter", async () => {
  const { book, phases, events } = setUp();
  book.problem = "disk full";
  assertEquals(await phases.run("stop", null, () => Promise.resolve(1)), 1);
  await Promise.resolve();
  assertEquals(events.at(-1), { type: "journal.failed", detail: "disk full" });
});

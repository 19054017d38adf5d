import { assertEquals, assertRejects } from "@std/assert";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import { FirstLook } from "../../../../src/runtime/container/first_look.ts";
import { SimClock } from "../../../simulation/sim_clock.ts";
import { PATIENT } from "./rig.ts";

/** Two looks, of which the second one fails with `trouble`; `done` tells which were begun. */
function setUp() {
  const clock = new SimClock();
  const done: string[] = [];
  const told: string[] = [];
  const is = { trouble: null as Error | null };
  const firstLook = new FirstLook([() => Promise.resolve(void done.push("first"))], {
    clock,
    log: { warn: (message) => told.push(message) },
  });
  firstLook.add(() => {
    done.push("second");
    return is.trouble === null ? Promise.resolve() : Promise.reject(is.trouble);
  });
  const pass = async (ms: number) => {
    const until = clock.now() + ms;
    while (await clock.step(until));
  };
  return { firstLook, done, told, is, pass };
}

const FAILED = () => new EngineError("list containers", "failed", "no containerd", 500);

Deno.test("what was looked at once is not looked at again", async () => {
  const { firstLook, done } = setUp();
  await firstLook.take({ isStrict: false });
  await firstLook.untilDone(PATIENT);
  assertEquals(done, ["first", "second"]);
});

Deno.test("what the engine does not tell is asked again, as long as it takes", async () => {
  const { firstLook, is, told, done, pass } = setUp();
  is.trouble = FAILED();
  await firstLook.take({ isStrict: false });
  const waits: (string | null)[] = [];
  const looking = firstLook.untilDone({ ...PATIENT, onWait: (why) => waits.push(why) });
  await pass(600_000);
  assertEquals(waits.at(-1), "the container engine: Cannot list containers: no containerd");
  assertEquals(told.length, 2, "it is told once each");
  is.trouble = null;
  await pass(1_000);
  await looking;
  assertEquals([waits.at(-1), done.slice(-2)], [null, ["first", "second"]]);
});

Deno.test("TERM ends the wait for it", async () => {
  const { firstLook, is, pass } = setUp();
  is.trouble = FAILED();
  const term = new AbortController();
  const looking = firstLook.untilDone({ ...PATIENT, signal: term.signal });
  looking.catch(() => {});
  await pass(5_000);
  term.abort(new Error("liveroll is stopping"));
  await assertRejects(() => looking, Error, "liveroll is stopping");
});

Deno.test("where another one serves on nothing is put off; nor is what is not the engine's doing", async () => {
  const { firstLook, is } = setUp();
  is.trouble = FAILED();
  await assertRejects(() => firstLook.take({ isStrict: true }), EngineError);
  is.trouble = new Error("the project belongs to somebody else");
  await assertRejects(() => firstLook.take({ isStrict: false }), Error, "somebody else");
  await assertRejects(() => firstLook.untilDone(PATIENT), Error, "somebody else");
});

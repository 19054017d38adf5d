import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type ExchangeNotes, OutageError, type ProbeResult } from "../../../src/roll/effects.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import { Chronicle } from "../../../src/roll/chronicle.ts";
import { Phases } from "../../../src/roll/phases.ts";
import { type Cast, roll, type RollOptions, type RollResult } from "../../../src/roll/roll.ts";
import { Stage } from "../../../src/roll/stage.ts";
import type { SimInstance } from "../../simulation/sim_world.ts";
import { Book } from "./book.ts";
import { FairWorld, OPTIONS } from "./fair_world.ts";

const PLAN = {
  trigger: "interval",
  from: null,
  hooks: false,
  changesData: false,
  strict: true,
} as const;

/** A stage in a fair world, and rolls onto it. */
class Rolls {
  readonly book = new Book();
  readonly world: FairWorld = Object.assign(new FairWorld(), { journal: this.book });
  readonly chronicle = new Chronicle(this.world.journal, this.world.observe);
  readonly stage = new Stage(this.world, this.chronicle, OPTIONS);
  readonly abort = new AbortController();
  /** Keys of those that were told to have switched. */
  readonly switched: string[] = [];
  #number = 0;

  roll(id: string, options: Partial<RollOptions> = {}): Promise<RollResult> {
    const plan = {
      ...PLAN,
      roll: ++this.#number,
      id,
      onSwitched: (instance: Instance) => {
        assertEquals(this.stage.current, instance, "the switch is over when it is told");
        this.world.deeds.push(`told ${instance.key}`);
        this.switched.push(instance.key);
      },
    };
    const all = { ...OPTIONS, ...options };
    const result = roll(plan, this.cast, all, this.abort.signal);
    result.catch(() => {});
    return result;
  }

  get cast(): Cast {
    const { stage, chronicle, world } = this;
    const phases = new Phases(this.#number, world, chronicle);
    return { stage, chronicle, effects: world, phases };
  }

  async succeed(id: string, options: Partial<RollOptions> = {}): Promise<SimInstance> {
    if (!this.world.behaviours.has(id)) this.world.behave(id);
    const result = await this.world.await(this.roll(id, options));
    assert(result.outcome === "switched");
    await this.pass(1_000);
    return result.instance as SimInstance;
  }

  async pass(ms: number): Promise<void> {
    const until = this.world.clock.now() + ms;
    while (await this.world.clock.step(until));
  }
}

Deno.test("a roll goes: port, start, gate, switch; then the old one drains and is stopped", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  const second = await rolls.succeed("v2");
  assertEquals(rolls.world.deeds, [
    "start v1@9101",
    "switch i1",
    "told i1",
    "start v2@9102",
    "switch i2",
    "told i2",
    "drain i1",
    "stop i1",
  ]);
  assertEquals(rolls.stage.current?.key, second.key);
  assertEquals(rolls.world.alive, [second.key]);
  assert(second.provenByProbe);
});

Deno.test("a roll has succeeded at the switch: it does not wait for the old one to leave", async () => {
  const rolls = new Rolls();
  rolls.world.behave("v1", { stopsInMs: 9_000 });
  rolls.world.behave("v2");
  await rolls.world.await(rolls.roll("v1"));
  await rolls.world.await(rolls.roll("v2"));
  assertEquals(rolls.world.living().length, 2);
});

Deno.test("a candidate is told of as soon as it was started, its probes as they fail", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  const types = rolls.world.events.map(({ type }) => type);
  assertEquals(types[0], "roll.candidate");
  assertEquals(new Set(types.slice(1)), new Set(["probe.failed"]));
});

Deno.test("a version that cannot be started is refused, and its port is given back", async () => {
  const rolls = new Rolls();
  rolls.world.behave("bad", { unstartable: true });
  assertEquals(await rolls.world.await(rolls.roll("bad")), {
    outcome: "failed",
    reason: "start_failed",
    phase: "start",
    detail: "Cannot start bad: no such program",
    lastLines: [],
  });
  assertEquals(rolls.world.events, []);
  assertEquals(await rolls.world.await(rolls.stage.takePort(rolls.abort.signal)), { port: 9101 });
});

Deno.test("a version that cannot be started as what it runs on has failed is not to blame", async () => {
  const rolls = new Rolls();
  rolls.world.runtime.start = () => Promise.reject(new OutageError("the engine is away"));
  assertEquals(await rolls.world.await(rolls.roll("v1")), {
    outcome: "failed",
    reason: "start_failed",
    phase: "start",
    detail: "the engine is away",
    lastLines: [],
    isFault: false,
  });
});

for (
  const [how, behaviour, reason] of [
    ["ends", { livesMs: 100, healthyAfterMs: 1_000 }, "exited"],
    ["is not well in time", { healthyAfterMs: 1e9 }, "timed_out"],
  ] as const
) {
  Deno.test(`a candidate that ${how} as what it runs on has failed is not to blame`, async () => {
    const rolls = new Rolls();
    rolls.world.behave("v1", behaviour);
    const { start } = rolls.world.runtime;
    rolls.world.runtime.start = async (what) =>
      Object.assign(await start(what), { excuse: "the engine was away" });
    const result = await rolls.world.await(rolls.roll("v1"));
    assert(result.outcome === "failed");
    assertEquals([result.reason, result.isFault], [reason, false]);
    assertMatch(result.detail, /; it is not to blame: the engine was away$/);
  });
}

Deno.test("whatever a runtime throws is a failed start", async () => {
  const rolls = new Rolls();
  rolls.world.runtime.start = () => Promise.reject("no space left");
  const result = await rolls.world.await(rolls.roll("v1"));
  assert(result.outcome === "failed");
  assertEquals([result.reason, result.detail], ["start_failed", "no space left"]);
});

Deno.test("B17 a version that exits is refused at once, with its last lines", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  rolls.world.behave("bad", { livesMs: 40 });
  const began = rolls.world.clock.now();
  assertEquals(await rolls.world.await(rolls.roll("bad")), {
    outcome: "failed",
    reason: "exited",
    phase: "gate",
    detail: "it exited with code 1 before it was healthy",
    lastLines: ["bad says goodbye"],
  });
  assert(rolls.world.clock.now() - began < 50);
  assertEquals([rolls.stage.current?.key, rolls.world.target?.key], [first.key, first.key]);
});

Deno.test("a version that a signal ends is refused with the name of the signal", async () => {
  const rolls = new Rolls();
  rolls.world.behave("bad", { healthyAfterMs: Infinity });
  const result = rolls.roll("bad");
  await rolls.pass(50);
  rolls.world.instances[0]!.end({ code: 137, signal: "SIGKILL" });
  const { outcome, ...rest } = await rolls.world.await(result);
  assertEquals(outcome, "failed");
  assertEquals(rest, {
    reason: "exited",
    phase: "gate",
    detail: "it exited by SIGKILL before it was healthy",
    lastLines: ["bad says goodbye"],
  });
});

Deno.test("a version that is never healthy is refused at the deadline and stopped", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  rolls.world.behave("bad", { healthyAfterMs: Infinity });
  assertEquals(await rolls.world.await(rolls.roll("bad")), {
    outcome: "failed",
    reason: "timed_out",
    phase: "gate",
    detail: "it was not healthy in time: connection refused",
    lastLines: ["bad says goodbye"],
  });
  await rolls.pass(1_000);
  assertEquals(rolls.world.alive, [first.key]);
  assertEquals(rolls.world.deeds.at(-1), "stop i2");
});

Deno.test("B08 a roll that finds no free port says who is in the way, and starts nothing", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  rolls.world.behave("v2");
  rolls.world.strangers.add(9102);
  assertEquals(await rolls.world.await(rolls.roll("v2")), {
    outcome: "port_busy",
    port: 9102,
    holder: "a stranger",
  });
  assertEquals(rolls.world.instances.length, 1);
});

Deno.test("B08 a stranger who answers on the port of a dead candidate does not get it promoted", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  rolls.world.behave("v2");
  const { start } = rolls.world.runtime;
  rolls.world.runtime.start = (version) => {
    rolls.world.strangers.add(version.port);
    return start(version);
  };
  const result = await rolls.world.await(rolls.roll("v2"));
  assert(result.outcome === "failed");
  assertEquals(result.reason, "exited");
  assertEquals(rolls.stage.current?.key, first.key);
});

for (const announced of [true, false]) {
  const how = announced ? "" : " (its exit is known, but not announced)";
  Deno.test(`B06 a candidate that ends in the moment it is found healthy is never promoted${how}`, async () => {
    const rolls = new Rolls();
    const first = await rolls.succeed("v1");
    rolls.world.behave("v2");
    rolls.world.probe = (instance) => {
      const process = instance as SimInstance;
      if (announced) process.end({ code: 3, signal: null });
      else process.exit = { code: 3, signal: null };
      return Promise.resolve({ healthy: true });
    };
    const result = await rolls.world.await(rolls.roll("v2"));
    assert(result.outcome === "failed");
    assertEquals([result.reason, result.detail], [
      "exited",
      "it exited with code 3 before it was healthy",
    ]);
    assertEquals([rolls.stage.current?.key, rolls.world.target?.key], [first.key, first.key]);
    assertEquals(rolls.switched, [first.key]);
  });
}

for (let turns = 0; turns < 15; turns++) {
  Deno.test(`B06 a candidate that ends ${turns} turns after a healthy answer is switched to only before`, async () => {
    const rolls = new Rolls();
    const first = await rolls.succeed("v1");
    rolls.world.behave("v2");
    const answer = Promise.withResolvers<ProbeResult>();
    rolls.world.probe = () => answer.promise;
    rolls.world.onSwitch = ({ exit }) => assertEquals(exit, null);
    const result = rolls.roll("v2");
    await rolls.pass(100);
    const candidate = rolls.world.instances[1]!;
    answer.resolve({ healthy: true });
    for (let i = 0; i < turns; i++) await null;
    const switchedBefore = rolls.stage.current === candidate;
    candidate.end({ code: 3, signal: null });
    const { outcome } = await rolls.world.await(result);
    assertEquals(outcome, switchedBefore ? "switched" : "failed");
    assertEquals(rolls.switched, switchedBefore ? [first.key, candidate.key] : [first.key]);
  });
}

Deno.test("exclusive: the old one has gone, traffic first, before the new one is started", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  rolls.world.deeds.length = 0;
  await rolls.succeed("v2", { exclusive: true });
  assertEquals(rolls.world.deeds, [
    "withdraw i1",
    "drain i1",
    "stop i1",
    "start v2@9101",
    "switch i2",
    "told i2",
  ]);
});

Deno.test("exclusive: a refused candidate has gone before the next one is started", async () => {
  const rolls = new Rolls();
  rolls.world.behave("bad", { healthyAfterMs: Infinity, stopsInMs: 9_000 });
  await rolls.world.await(rolls.roll("bad", { exclusive: true }));
  assertEquals(rolls.world.living().length, 1);
  const { start } = rolls.world.runtime;
  rolls.world.runtime.start = (version) => {
    assertEquals(rolls.world.alive, []);
    return start(version);
  };
  await rolls.succeed("v1", { exclusive: true });
});

Deno.test("exclusive: after a refusal nobody serves; it is for others to bring the old one back", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  rolls.world.behave("bad", { livesMs: 1 });
  const result = await rolls.world.await(rolls.roll("bad", { exclusive: true }));
  assertEquals(result.outcome, "failed");
  assertEquals(rolls.stage.current?.key, undefined);
});

/** When the signal aborts, and how many instances were started by then. */
const PHASES: [string, Partial<RollOptions>, (rolls: Rolls) => Promise<void> | void, number][] = [
  ["before it began", {}, () => {}, 0],
  ["while a port is looked at", {}, ({ world }) => world.clock.settle(), 0],
  ["while the candidate is started", {}, async (rolls) => {
    await rolls.pass(2);
    assertEquals(rolls.world.deeds.at(-1), "start v2@9102");
  }, 1],
  ["in the gate, during a probe", {}, (rolls) => rolls.pass(10), 1],
  ["in the gate, between two probes", {}, (rolls) => rolls.pass(20), 1],
  ["while an exclusive one waits for the old one to leave", { exclusive: true }, (rolls) => {
    return rolls.pass(100);
  }, 0],
];

for (const [phase, options, reach, started] of PHASES) {
  Deno.test(`B31 a roll that is called off ${phase} leaves no candidate and no port behind`, async () => {
    const rolls = new Rolls();
    const first = await rolls.succeed("v1");
    rolls.world.behave("v2");
    const result = rolls.roll("v2", options);
    await reach(rolls);
    rolls.abort.abort(new Error("enough"));
    await assertRejects(() => rolls.world.await(result), Error, "enough");
    await rolls.pass(1_000);
    assertEquals(rolls.world.instances.length, 1 + started);
    assertEquals(rolls.switched, [first.key]);
    assertEquals(rolls.world.alive, options.exclusive ? [] : [first.key]);
    const { signal } = new AbortController();
    const free = await rolls.world.await(rolls.stage.takePort(signal));
    assertEquals(free, { port: options.exclusive ? 9101 : 9102 });
  });
}

Deno.test("B31 a roll that waits for a port gives up when it is called off", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  rolls.world.behave("v2", { healthyAfterMs: Infinity });
  rolls.world.behave("v3");
  const second = rolls.roll("v2");
  await rolls.pass(100);
  const third = rolls.roll("v3");
  await rolls.pass(100);
  rolls.abort.abort(new Error("enough"));
  await assertRejects(() => rolls.world.await(second), Error, "enough");
  await assertRejects(() => rolls.world.await(third), Error, "enough");
  await rolls.pass(1_000);
  assertEquals(rolls.world.living().map(({ id }) => id), ["v1"]);
});

Deno.test("B31 a roll that is called off while its start fails is called off, not refused", async () => {
  const rolls = new Rolls();
  rolls.world.behave("v1", { unstartable: true });
  const result = rolls.roll("v1");
  await rolls.pass(2);
  assertEquals(rolls.world.deeds, ["start v1@9101"]);
  rolls.abort.abort(new Error("enough"));
  await assertRejects(() => rolls.world.await(result), Error, "enough");
  const { signal } = new AbortController();
  assertEquals(await rolls.world.await(rolls.stage.takePort(signal)), { port: 9101 });
});

Deno.test("B31 a roll that is called off in the moment of a healthy answer does not switch", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  rolls.world.behave("v2");
  rolls.world.probe = () => {
    rolls.abort.abort(new Error("enough"));
    return Promise.resolve({ healthy: true });
  };
  await assertRejects(() => rolls.world.await(rolls.roll("v2")), Error, "enough");
  assertEquals(rolls.stage.current?.key, first.key);
});

for (let turns = 0; turns < 12; turns++) {
  Deno.test(`B31 a roll that is called off ${turns} turns after a healthy answer has switched only before`, async () => {
    const rolls = new Rolls();
    await rolls.succeed("v1");
    rolls.world.behave("v2");
    const answer = Promise.withResolvers<ProbeResult>();
    rolls.world.probe = () => answer.promise;
    const result = rolls.roll("v2");
    await rolls.pass(100);
    answer.resolve({ healthy: true });
    for (let i = 0; i < turns; i++) await null;
    const switchedBefore = [...rolls.switched];
    rolls.abort.abort(new Error("enough"));
    const outcome = await rolls.world.await(
      result.then(({ outcome }) => outcome, () => "called off"),
    );
    assertEquals(outcome, switchedBefore.length === 2 ? "switched" : "called off");
    assertEquals(rolls.switched, switchedBefore);
    await rolls.pass(1_000);
    assertEquals(rolls.world.alive, [switchedBefore.at(-1)]);
  });
}

Deno.test("a defect in a probe dismisses the candidate", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  rolls.world.behave("v2");
  rolls.world.probe = () => Promise.reject(new TypeError("a bug"));
  await assertRejects(() => rolls.world.await(rolls.roll("v2")), TypeError, "a bug");
  await rolls.pass(1_000);
  assertEquals(rolls.world.alive, [first.key]);
});

Deno.test("a switch that fails dismisses the candidate and leaves the old one in service", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  rolls.world.behave("v2");
  rolls.world.traffic.switchTo = () => {
    throw new TypeError("a bug");
  };
  await assertRejects(() => rolls.world.await(rolls.roll("v2")), TypeError, "a bug");
  await rolls.pass(1_000);
  assertEquals([rolls.stage.current?.key, rolls.world.alive], [first.key, [first.key]]);
});

Deno.test("whoever fails to hear of a switch does not get the new instance stopped", async () => {
  const rolls = new Rolls();
  rolls.world.behave("v1");
  const onSwitched = () => {
    throw new TypeError("a bug");
  };
  const plan = { ...PLAN, roll: 1, id: "v1", onSwitched };
  const result = roll(plan, rolls.cast, OPTIONS, rolls.abort.signal);
  await assertRejects(() => rolls.world.await(result), TypeError, "a bug");
  await rolls.pass(1_000);
  assertEquals(rolls.world.alive, ["i1"]);
  assertEquals(rolls.stage.current?.key, "i1");
});

Deno.test("an exchange writes the switch down when it tips the balance, and nobody does again", async () => {
  const rolls = new Rolls();
  await rolls.succeed("v1");
  const steps: string[][] = [];
  Object.assign(rolls.world, {
    exchange: {
      async run(_: Instance, _old: Instance, notes: ExchangeNotes) {
        await notes.forth();
        steps.push(rolls.book.steps);
        await notes.forth();
        return null;
      },
    },
  });
  await rolls.succeed("v2");
  assertEquals(steps[0]!.at(-1), "switch.intended i2");
  const intents = rolls.book.of("switch.intended").map(({ key }) => key);
  assertEquals(intents, ["i1", "i2"]);
});

Deno.test("an exchange that went back says so, and the next life does not take the candidate up", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  Object.assign(rolls.world, {
    exchange: {
      async run(_: Instance, _old: Instance, notes: ExchangeNotes) {
        await notes.forth();
        await notes.back();
        return "a container was not healthy in time";
      },
    },
  });
  rolls.world.behave("v2");
  const result = await rolls.world.await(rolls.roll("v2"));
  assert(result.outcome === "failed");
  assertEquals(rolls.stage.current?.key, first.key);
  assertEquals(
    rolls.book.steps.filter((step) => step.endsWith("i2")).slice(-3),
    ["switch.intended i2", "drain.intended i2", "stop.intended i2"],
  );
});

Deno.test("an exchange that cannot be written down blames nobody", async () => {
  const rolls = new Rolls();
  const first = await rolls.succeed("v1");
  Object.assign(rolls.world, {
    exchange: {
      async run(_: Instance, _old: Instance, notes: ExchangeNotes) {
        rolls.book.problem = "the disk is full";
        const problem = await notes.forth().then(() => null, (error: Error) => error.message);
        rolls.book.problem = null;
        return problem;
      },
    },
  });
  rolls.world.behave("v2");
  const result = await rolls.world.await(rolls.roll("v2"));
  assertEquals(result, { outcome: "unwritable", detail: "the disk is full" });
  assertEquals(rolls.stage.current?.key, first.key);
});

import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { gate, type GateOptions, type GateProbe, type GateResult } from "../../../src/roll/gate.ts";
import { SimClock } from "../../simulation/sim_clock.ts";

const OPTIONS: GateOptions = {
  healthTimeoutMs: 60_000,
  healthIntervalMs: 250,
  healthProbeTimeoutMs: 5_000,
  healthSuccesses: 1,
};

/** A process as the gate sees it: its end may be known before it is announced. */
class Mortal {
  exit: { code: number } | null = null;
  readonly #ended = Promise.withResolvers<unknown>();
  readonly exited = this.#ended.promise;

  die(): void {
    this.exit = { code: 1 };
  }

  announce(): void {
    this.#ended.resolve(this.exit);
  }
}

/** One passage through the gate, with everything about it to look at. */
class Passage {
  readonly clock = new SimClock();
  readonly living = new Mortal();
  readonly abort = new AbortController();
  /** When each probe began. */
  readonly probedAt: number[] = [];
  readonly unhealthy: string[] = [];
  result: GateResult | null = null;
  error: unknown = null;

  begin(probe: GateProbe, options: Partial<GateOptions> = {}): this {
    const recorded: GateProbe = (signal) => {
      this.probedAt.push(this.clock.now());
      return probe(signal);
    };
    const note = (detail: string) => this.unhealthy.push(detail);
    const all = { ...OPTIONS, ...options };
    gate(this.living, recorded, this.clock, all, this.abort.signal, note).then(
      (result) => this.result = result,
      (error) => this.error = error,
    );
    return this;
  }

  async pass(ms: number): Promise<this> {
    const until = this.clock.now() + ms;
    while (await this.clock.step(until));
    return this;
  }

  /** Lets time pass until there is a verdict; tells when that was. */
  async verdict(): Promise<number> {
    await this.clock.settle();
    while (this.result === null && this.error === null) {
      assert(await this.clock.step(1e9), "there is no verdict, ever");
    }
    return this.clock.now();
  }
}

const HEALTHY = { healthy: true } as const;
const SICK = { healthy: false, detail: "status 503" } as const;

/** Answers in turn, the last one for ever. */
function answers(...list: (typeof HEALTHY | typeof SICK)[]): GateProbe {
  let next = 0;
  return () => Promise.resolve(list[Math.min(next++, list.length - 1)]!);
}

/** Accepts and never answers; ends, as agreed, when it is given up. */
const silence: GateProbe = (signal) =>
  new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve({ healthy: false, detail: "given up" }))
  );

/** Does not even end when it is given up. */
const deafness: GateProbe = () => new Promise(() => {});

Deno.test("K05 health that fails twice and then passes is a success at the third probe", async () => {
  const passage = new Passage().begin(answers(SICK, SICK, HEALTHY));
  await passage.verdict();
  assertEquals(passage.result, { outcome: "healthy" });
  assertEquals(passage.probedAt.length, 3);
  assertEquals(passage.unhealthy, ["status 503", "status 503"]);
});

Deno.test("K06 a probe that is too slow counts as failed and the next one is tried", async () => {
  let probes = 0;
  const passage = new Passage().begin((signal) => {
    return ++probes === 1 ? silence(signal) : Promise.resolve(HEALTHY);
  });
  assertEquals(await passage.verdict(), 5_250);
  assertEquals(passage.result, { outcome: "healthy" });
  assertEquals(passage.unhealthy, ["no answer within 5000 ms"]);
});

for (const [kind, probe] of [["silent", silence], ["deaf", deafness]] as const) {
  Deno.test(`K07 B15 the gate ends at its deadline although its probes are ${kind}`, async () => {
    const passage = new Passage().begin(probe);
    assertEquals(await passage.verdict(), 60_000);
    assertEquals(passage.result, { outcome: "timed_out", detail: "no answer within 5000 ms" });
  });

  Deno.test(`B15 the deadline of the whole proof cuts a longer ${kind} probe short`, async () => {
    const passage = new Passage().begin(probe, { healthTimeoutMs: 3_000 });
    assertEquals(await passage.verdict(), 3_000);
    assertEquals(passage.result, { outcome: "timed_out", detail: "no probe was answered" });
    assertEquals(passage.unhealthy, []);
  });
}

Deno.test("an instance that is never healthy is told apart by its last reason", async () => {
  const passage = new Passage().begin(answers(SICK));
  assertEquals(await passage.verdict(), 60_000);
  assertEquals(passage.result, { outcome: "timed_out", detail: "status 503" });
});

Deno.test("a healthy answer in the last moment counts, one after it does not", async () => {
  const late = (atMs: number): GateProbe => async (signal) => {
    await passage.clock.sleep(atMs, signal).catch(() => {});
    return HEALTHY;
  };
  let passage = new Passage();
  await passage.begin(late(4_999), { healthTimeoutMs: 5_000 }).verdict();
  assertEquals(passage.result, { outcome: "healthy" });
  passage = new Passage();
  await passage.begin(late(5_001), { healthTimeoutMs: 5_000, healthProbeTimeoutMs: 9_000 })
    .verdict();
  assertEquals(passage.result?.outcome, "timed_out");
});

Deno.test("healthy answers must come in a row: a failure starts the count again", async () => {
  const sequence = answers(HEALTHY, HEALTHY, SICK, HEALTHY, HEALTHY, HEALTHY);
  const passage = new Passage().begin(sequence, { healthSuccesses: 3 });
  await passage.verdict();
  assertEquals(passage.result, { outcome: "healthy" });
  assertEquals(passage.probedAt.length, 6);
});

Deno.test("a probe that is too slow starts the count again, too", async () => {
  let probes = 0;
  const passage = new Passage().begin((signal) => {
    return ++probes === 2 ? silence(signal) : Promise.resolve(HEALTHY);
  }, { healthSuccesses: 2 });
  await passage.verdict();
  assertEquals(passage.probedAt.length, 4);
});

Deno.test("a pause is a quarter of the time so far, 10 ms at least, the interval at most", async () => {
  const passage = new Passage().begin(answers(SICK));
  await passage.pass(2_000);
  const pauses = passage.probedAt.slice(1).map((at, i) => at - passage.probedAt[i]!);
  assertEquals(pauses.slice(0, 5), [10, 10, 10, 10, 10]);
  for (const [i, pause] of pauses.entries()) {
    assertAlmostEquals(pause, Math.min(250, Math.max(10, passage.probedAt[i]! / 4)), 1e-6);
  }
  assertEquals(pauses.at(-1), 250);
});

Deno.test("no pause is longer than the interval, even the first", async () => {
  const passage = new Passage().begin(answers(SICK), { healthIntervalMs: 5 });
  await passage.pass(20);
  assertEquals(passage.probedAt, [0, 5, 10, 15, 20]);
});

for (
  const [kind, probe] of [["silent", silence], ["deaf", deafness], ["sick", answers(SICK)]] as const
) {
  Deno.test(`B17 an instance that exits fails at once while its probe is ${kind}`, async () => {
    const passage = new Passage().begin(probe);
    await passage.pass(1_234);
    passage.living.die();
    passage.living.announce();
    assertEquals(await passage.verdict(), 1_234);
    assertEquals(passage.result, { outcome: "exited" });
  });
}

Deno.test("an instance that has exited before its first probe fails at once", async () => {
  const passage = new Passage();
  passage.living.die();
  passage.living.announce();
  assertEquals(await passage.begin(silence).verdict(), 0);
  assertEquals(passage.result, { outcome: "exited" });
});

Deno.test("B08 a healthy answer does not count if the instance has ended, announced or not", async () => {
  const passage = new Passage();
  passage.begin(() => {
    passage.living.die();
    return Promise.resolve(HEALTHY);
  });
  await passage.verdict();
  assertEquals(passage.result, { outcome: "exited" });
});

Deno.test("an exit that is known but not announced when the time is up is an exit", async () => {
  const passage = new Passage().begin(answers(SICK));
  await passage.pass(59_999);
  passage.living.die();
  await passage.verdict();
  assertEquals(passage.result, { outcome: "exited" });
});

for (
  const [kind, probe] of [["silent", silence], ["deaf", deafness], ["sick", answers(SICK)]] as const
) {
  Deno.test(`B31 an abort ends the gate at once while its probe is ${kind}`, async () => {
    const passage = new Passage().begin(probe);
    await passage.pass(1_234);
    const reason = new Error("enough");
    passage.abort.abort(reason);
    assertEquals(await passage.verdict(), 1_234);
    assertEquals(passage.error, reason);
  });
}

Deno.test("a gate whose signal has aborted already probes nobody", async () => {
  const passage = new Passage();
  passage.abort.abort(new Error("enough"));
  await passage.begin(answers(HEALTHY)).verdict();
  assertEquals(passage.probedAt, []);
  assertEquals((passage.error as Error).message, "enough");
});

Deno.test("what a probe throws comes through: it is a defect, not an unhealthy instance", async () => {
  const clock = new SimClock();
  const broken: GateProbe = () => Promise.reject(new TypeError("a bug"));
  const signal = new AbortController().signal;
  await assertRejects(() => gate(new Mortal(), broken, clock, OPTIONS, signal), TypeError, "a bug");
});

for (
  const [how, end] of [
    ["healthy", () => {}],
    ["exited", ({ living }: Passage) => {
      living.die();
      living.announce();
    }],
    ["aborted", ({ abort }: Passage) => abort.abort(new Error("enough"))],
    ["timed out", () => {}],
  ] as const
) {
  Deno.test(`no timer is left after a gate that ended ${how}`, async () => {
    const passage = new Passage().begin(how === "healthy" ? answers(SICK, HEALTHY) : deafness);
    await passage.pass(7);
    end(passage);
    await passage.verdict();
    await passage.clock.settle();
    assertEquals(passage.clock.pending, 0);
  });
}

Deno.test("the signals of given-up probes are aborted, so that nothing of them goes on", async () => {
  const signals: AbortSignal[] = [];
  const passage = new Passage().begin((signal) => {
    signals.push(signal);
    return deafness(signal);
  }, { healthTimeoutMs: 12_000 });
  await passage.verdict();
  await passage.clock.settle();
  assertEquals(signals.map(({ aborted }) => aborted), [true, true, true]);
});

import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { JournalError } from "../../src/roll/journal.ts";
import { Fate } from "./fate.ts";
import { LifeClock } from "./life_clock.ts";
import { LifeJournal } from "./life_journal.ts";
import { DEEDS, planOf } from "./plan.ts";
import { Random } from "./random.ts";
import { SimClock } from "./sim_clock.ts";
import { SimDisk } from "./sim_disk.ts";

const ROLL = { at: 0, trigger: "interval", from: null, to: "v1" } as const;

function began(roll: number) {
  return { step: "roll.began", roll, ...ROLL } as const;
}

function journalOf({ slowWrites = 0, fate = new Fate(null, () => {}) } = {}) {
  const clock = new SimClock();
  const disk = new SimDisk();
  let recovered = 0;
  const journal = new LifeJournal({
    disk,
    fate,
    clock: new LifeClock(clock, fate),
    rng: new Random(1),
    slowWrites,
    onEntry: () => {},
    onRecovered: () => recovered++,
  });
  return {
    clock,
    disk,
    journal,
    rolls: () => [...disk.ledger.rolls.keys()],
    recovered: () => recovered,
  };
}

Deno.test("timers fire in the order of their times, then of their creation", async () => {
  const clock = new SimClock();
  const rng = new Random(5);
  const fired: number[] = [];
  const times = Array.from({ length: 200 }, () => rng.whole(0, 20));
  const timers = times.map((ms, i) => clock.after(ms, () => void fired.push(ms * 1_000 + i)));
  const given = timers.filter((_, i) => i % 7 === 0);
  for (const timer of given) clock.cancel(timer);
  assertEquals(clock.pending, 200 - given.length);
  while (await clock.advance(100));
  assertEquals(fired, fired.toSorted((a, b) => a - b));
  assertEquals([fired.length, clock.pending, clock.now()], [200 - given.length, 0, 100]);
});

for (const [moment, done] of [["before", 0], ["during", 10], ["after", 1]] as const) {
  Deno.test(`killed ${moment} its second deed, liveroll has done that much and hears nothing`, async () => {
    let deaths = 0;
    let deeds = 0;
    const fate = new Fate({ deed: "start", nth: 2, moment }, () => deaths++);
    const start = () => fate.do("start", () => void deeds++, () => void (deeds += 10));
    await start();
    await fate.do("stop", () => {});
    deeds = 0;
    let hasHeard = false;
    start().then(() => hasHeard = true);
    await new SimClock().settle();
    assertEquals([fate.isDead, deaths, deeds, hasHeard], [true, 1, done, false]);
    start();
    fate.at("switch", () => void deeds++);
    assertEquals(deeds, done);
  });
}

Deno.test("the time of a dead liveroll stands still, and wakes nobody", async () => {
  const clock = new SimClock();
  const fate = new Fate(null, () => {});
  const own = new LifeClock(clock, fate);
  let isAwake = false;
  own.sleep(10).then(() => isAwake = true);
  await clock.advance(5);
  assertEquals(own.now(), 5);
  fate.end();
  while (await clock.advance(50));
  assertEquals([own.now(), isAwake], [5, false]);
});

Deno.test("what a full disk has refused goes along with the next entry, in order", async () => {
  const { disk, journal, rolls } = journalOf();
  await journal.write(began(1));
  disk.isFull = true;
  await assertRejects(() => journal.write(began(2)), JournalError, "full");
  await assertRejects(() => journal.write(began(3)), JournalError, "full");
  assertEquals([rolls(), journal.isClean, journal.isBroken], [[1], false, true]);
  disk.isFull = false;
  await journal.write(began(4));
  assertEquals([rolls(), journal.isClean, journal.isBroken], [[1, 2, 3, 4], true, false]);
});

Deno.test("what a full disk has refused is written by itself when there is room", async () => {
  const { clock, disk, journal, rolls, recovered } = journalOf();
  disk.isFull = true;
  await assertRejects(() => journal.write(began(1)), JournalError);
  await clock.step(12_000);
  disk.isFull = false;
  while (await clock.step(20_000));
  assertEquals([rolls(), journal.isClean, recovered()], [[1], true, 1]);
});

Deno.test("slow writes become durable in their order, and one by one", async () => {
  const { clock, disk, journal, rolls } = journalOf({ slowWrites: 1 });
  const durable: number[] = [];
  disk.onDurable = (entry) => void ("roll" in entry && durable.push(entry.roll));
  const written = [1, 2, 3].map((roll) => journal.write(began(roll)));
  await clock.settle();
  assertEquals(rolls(), []);
  while (await clock.step(1_000));
  await Promise.all(written);
  assertEquals(durable, [1, 2, 3]);
});

Deno.test("a torn write is on the disk as a whole, or not at all", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const fate = new Fate({ deed: "write", nth: 2, moment: "during" }, () => {});
    const disk = new SimDisk();
    const journal = new LifeJournal({
      disk,
      fate,
      clock: new LifeClock(new SimClock(), fate),
      rng: new Random(seed),
      slowWrites: 0,
      onEntry: () => {},
      onRecovered: () => {},
    });
    await journal.write(began(1));
    journal.write(began(2));
    await new SimClock().settle();
    seen.add([...disk.ledger.rolls.keys()].join());
  }
  assertEquals(seen, new Set(["1", "1,2"]));
});

Deno.test("the same seed makes the same plan, another one another, and all deeds get their turn", () => {
  assertEquals(planOf(3), planOf(3));
  assertNotEquals(planOf(3), planOf(4));
  const deeds = new Set<string>();
  for (let seed = 1; seed <= 2_000; seed++) {
    for (const { doom } of planOf(seed).lives) if (doom !== null) deeds.add(doom.deed);
  }
  assertEquals(DEEDS.filter((deed) => !deeds.has(deed)), []);
});

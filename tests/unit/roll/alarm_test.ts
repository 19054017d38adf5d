import { assertEquals } from "@std/assert";
import { Alarm } from "../../../src/roll/alarm.ts";
import { SimClock } from "../../simulation/sim_clock.ts";

/** An alarm, and whether the wait that was begun has ended. */
function setUp() {
  const clock = new SimClock();
  const alarm = new Alarm(clock);
  const wait = (time: number) => {
    const note = { over: false };
    alarm.wait(time).then(() => note.over = true);
    return note;
  };
  return { clock, alarm, wait };
}

Deno.test("a wait ends at its time", async () => {
  const { clock, wait } = setUp();
  const note = wait(100);
  await clock.step(99);
  assertEquals(note.over, false);
  await clock.step(100);
  assertEquals([note.over, clock.now()], [true, 100]);
});

Deno.test("a wait for a time that has passed ends at once", async () => {
  const { clock, wait } = setUp();
  await clock.step(100);
  const note = wait(50);
  await clock.step(100);
  assertEquals([note.over, clock.now()], [true, 100]);
});

Deno.test("a call ends a wait at once and leaves no timer", async () => {
  const { clock, alarm, wait } = setUp();
  const note = wait(100);
  await clock.settle();
  alarm.ring();
  await clock.settle();
  assertEquals([note.over, clock.now(), clock.pending], [true, 0, 0]);
});

Deno.test("a wait without a time needs no timer and ends with a call", async () => {
  const { clock, alarm, wait } = setUp();
  const note = wait(Infinity);
  await clock.step(1e9);
  assertEquals([note.over, clock.pending], [false, 0]);
  alarm.ring();
  await clock.settle();
  assertEquals(note.over, true);
});

Deno.test("a call between two waits ends the next one, and only that", async () => {
  const { clock, alarm, wait } = setUp();
  alarm.ring();
  alarm.ring();
  const first = wait(100);
  await clock.settle();
  assertEquals(first.over, true);
  const second = wait(100);
  await clock.settle();
  assertEquals(second.over, false);
});

for (let turns = 0; turns < 8; turns++) {
  Deno.test(`a call ${turns} turns after the time was up is seen by whoever looks afterwards`, async () => {
    const { clock, alarm } = setUp();
    let called = false;
    let seen = false;
    const loop = async () => {
      for (let time = 100; !seen; time = Infinity) {
        await alarm.wait(time);
        seen = called;
      }
    };
    clock.after(100, () => {
      let left = turns;
      const call = () => {
        if (left-- > 0) return queueMicrotask(call);
        called = true;
        alarm.ring();
      };
      call();
    });
    loop();
    await clock.step(100);
    await clock.step(100);
    assertEquals(seen, true);
  });
}

import { assertEquals } from "@std/assert";
import { type Channel, TryLater, Undeliverable } from "../../../src/notify/channel.ts";
import type { Letter } from "../../../src/notify/letter.ts";
import { Mailbox } from "../../../src/notify/mailbox.ts";
import { ManualClock, settled } from "../proxy/manual_clock.ts";
import { letter } from "./letters.ts";

/** What one try leads to. */
type Answer = "taken" | "hangs" | Error;

class Rig {
  readonly clock = new ManualClock();
  readonly errors: string[] = [];
  /** Apps of the letters of all tries, with what was lost before. */
  readonly tries: string[] = [];
  readonly #answers: Answer[] = [];
  readonly mailbox: Mailbox;
  aborted = 0;

  constructor(random = 0.5) {
    const channel: Channel = {
      name: "x",
      deliver: (letter, signal) => this.#deliver(letter, signal),
      problems: () => Promise.resolve([]),
    };
    this.mailbox = new Mailbox(channel, {
      clock: this.clock,
      random: () => random,
      onError: (message) => this.errors.push(message),
    });
  }

  /** What the next tries lead to; all later ones are taken. */
  answers(...answers: Answer[]): void {
    this.#answers.push(...answers);
  }

  async put(...names: string[]): Promise<void> {
    for (const app of names) this.mailbox.put(letter({ app }));
    await settled();
  }

  async #deliver({ app, lost }: Letter, signal: AbortSignal): Promise<void> {
    this.tries.push(lost === 0 ? app : `${app} after ${lost}`);
    const answer = this.#answers.shift() ?? "taken";
    if (answer === "taken") return;
    if (answer !== "hangs") throw answer;
    const { promise, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => {
      this.aborted++;
      reject(signal.reason);
    });
    await promise;
  }
}

const down = new Error("connection refused");

Deno.test("letters arrive one after the other, in their order", async () => {
  const rig = new Rig();
  await rig.put("a", "b", "c");
  assertEquals(rig.tries, ["a", "b", "c"]);
  await rig.mailbox.drain();
  assertEquals(rig.errors, []);
  assertEquals(rig.clock.sleeping, 0);
});

Deno.test("a letter is tried four times with longer and longer pauses, then lost", async () => {
  const rig = new Rig();
  rig.answers(down, down, down, down);
  await rig.put("a");
  for (const [ms, tries] of [[999, 1], [1, 2], [3_999, 2], [1, 3], [15_999, 3], [1, 4]] as const) {
    await rig.clock.advance(ms);
    assertEquals(rig.tries.length, tries);
  }
  assertEquals(rig.errors, ["Cannot notify x: connection refused (4 tries): failed is lost"]);
  await rig.put("b");
  assertEquals(rig.tries.at(-1), "b after 1");
  await rig.put("c");
  assertEquals(rig.tries.at(-1), "c");
});

Deno.test("pauses differ from host to host", async () => {
  for (const [random, ms] of [[0, 500], [0.999, 1_499]] as const) {
    const rig = new Rig(random);
    rig.answers(down);
    await rig.put("a");
    await rig.clock.advance(ms - 1);
    assertEquals(rig.tries.length, 1);
    await rig.clock.advance(1);
    assertEquals(rig.tries.length, 2);
  }
});

Deno.test("what was refused for good is not tried again", async () => {
  const rig = new Rig();
  rig.answers(new Undeliverable("no such channel"));
  await rig.put("a", "b");
  assertEquals(rig.tries, ["a", "b after 1"]);
  assertEquals(rig.errors, ["Cannot notify x: no such channel: failed is lost"]);
});

Deno.test("the receiver's wish for a pause is granted", async () => {
  const rig = new Rig();
  rig.answers(new TryLater("it answered 429", 20_000));
  await rig.put("a");
  await rig.clock.advance(19_999);
  assertEquals(rig.tries.length, 1);
  await rig.clock.advance(1);
  assertEquals(rig.tries.length, 2);
});

Deno.test("a try ends after ten seconds, and the next one comes", async () => {
  const rig = new Rig();
  rig.answers("hangs");
  await rig.put("a");
  await rig.clock.advance(9_999);
  assertEquals(rig.aborted, 0);
  await rig.clock.advance(1);
  assertEquals(rig.aborted, 1);
  await rig.clock.advance(1_000);
  assertEquals(rig.tries, ["a", "a"]);
});

Deno.test("a hundred letters wait, then the oldest are lost, which is told once", async () => {
  const rig = new Rig();
  rig.answers("hangs");
  await rig.put("first");
  await rig.put(...Array.from({ length: 103 }, (_, n) => `${n}`));
  assertEquals(rig.errors, [
    "Cannot notify x: more than 100 messages wait, the oldest ones are lost",
  ]);
  rig.answers(new Undeliverable("y"));
  await rig.clock.advance(11_000);
  assertEquals(rig.tries.slice(2, 5), ["3 after 4", "4", "5"]);
  assertEquals(rig.tries.length, 102);
});

Deno.test("at the end nothing pauses: every letter gets its one last try", async () => {
  const rig = new Rig();
  rig.answers(down, down, down);
  await rig.put("a", "b", "c");
  assertEquals(rig.tries, ["a"]);
  await rig.mailbox.drain();
  assertEquals(rig.tries, ["a", "a", "b after 1", "c after 2"]);
  assertEquals(rig.clock.sleeping, 0);
});

Deno.test("what does not end by itself is ended, and nothing is left of it", async () => {
  const rig = new Rig();
  rig.answers("hangs");
  await rig.put("a", "b", "c");
  await rig.mailbox.abort();
  assertEquals(rig.tries, ["a"]);
  assertEquals(rig.aborted, 1);
  assertEquals(rig.errors, [
    "Cannot notify x: there is no time left, 2 more messages are lost",
    "Cannot notify x: there is no time left: failed is lost",
  ]);
  assertEquals(rig.clock.sleeping, 0);
});

import { assertEquals, assertRejects } from "@std/assert";
import {
  type ExchangeOptions,
  type Group,
  PieceByPiece,
} from "../../../../src/runtime/container/piece_by_piece.ts";

/** Two groups that only count, and the traffic between them. */
class Scene {
  readonly deeds: string[] = [];
  /** How many of both there were after each deed. */
  readonly counts: [fresh: number, old: number][] = [];
  readonly fresh: Group;
  readonly old: Group;
  readonly abort = new AbortController();
  failsAt = Infinity;
  isWritable = true;
  #numbers: { fresh: number; old: number };

  constructor(fresh: number, old: number) {
    this.#numbers = { fresh, old };
    this.fresh = this.#group("fresh");
    this.old = this.#group("old");
  }

  run(options: Partial<ExchangeOptions>): Promise<string | null> {
    const exchange = new PieceByPiece({
      traffic: {
        share: () => void this.deeds.push("share"),
        switchTo: (one) => void this.deeds.push(`all to ${one.key}`),
        drain: (one) => Promise.resolve(this.deeds.push(`drain ${one.key}`)),
        drainEndpoint: (key) => Promise.resolve(this.deeds.push(`drain ${key}`)),
      },
      replicas: 3,
      maxSurge: 1,
      maxUnavailable: 0,
      healthTimeoutMs: 1_000,
      drainTimeoutMs: 1_000,
      ...options,
    });
    const notes = {
      forth: () => {
        this.deeds.push("noted: forth");
        return this.isWritable ? Promise.resolve() : Promise.reject(new Error("the disk is full"));
      },
      back: () => Promise.resolve(void this.deeds.push("noted: back")),
    };
    return exchange.run(this.fresh, this.old, notes, this.abort.signal);
  }

  #group(name: "fresh" | "old"): Group {
    const numbers = this.#numbers;
    const note = () => void this.counts.push([numbers.fresh, numbers.old]);
    const group = {
      key: name,
      exit: null,
      get count() {
        return numbers[name];
      },
      grow: (count: number) => {
        this.deeds.push(`${name} grows to ${count}`);
        if (name === "fresh" && count >= this.failsAt) {
          return Promise.reject(new Error("a container was not healthy in time"));
        }
        numbers[name] = count;
        note();
        return Promise.resolve();
      },
      shrink: async (count: number, drain: (key: string) => Promise<unknown>) => {
        while (numbers[name] > count) await drain(`${name}${--numbers[name]}`);
        note();
      },
    };
    return group as unknown as Group;
  }
}

/** Replicas, surge, unavailable; then: what both count after each deed. */
const COURSES: readonly [number, number, number, readonly [number, number][]][] = [
  [1, 1, 0, []],
  [3, 1, 0, [[1, 2], [2, 2], [2, 1], [3, 1]]],
  [3, 2, 0, [[2, 1], [3, 1]]],
  [3, 3, 0, []],
  [4, 1, 1, [[1, 2], [3, 2], [3, 0], [4, 0]]],
];

for (const [replicas, maxSurge, maxUnavailable, expected] of COURSES) {
  const name = `${replicas} replicas, ${maxSurge} more, ${maxUnavailable} missing`;
  Deno.test(`never too many and never too few: ${name}`, async () => {
    const scene = new Scene(Math.min(maxSurge, replicas), replicas);
    assertEquals(await scene.run({ replicas, maxSurge, maxUnavailable }), null);
    assertEquals(scene.counts, expected);
    for (const [fresh, old] of scene.counts) {
      assertEquals(fresh + old <= replicas + maxSurge, true);
      assertEquals(fresh + old >= replicas - maxUnavailable, true);
    }
    assertEquals(scene.fresh.count, replicas);
  });
}

Deno.test("one that leaves is drained first, while both have traffic", async () => {
  const scene = new Scene(1, 2);
  await scene.run({ replicas: 2 });
  assertEquals(scene.deeds, ["share", "drain old1", "fresh grows to 2", "noted: forth"]);
});

Deno.test("when it fails half way the old one has all traffic again, and is whole", async () => {
  const scene = new Scene(1, 3);
  scene.failsAt = 3;
  assertEquals(await scene.run({}), "a container was not healthy in time");
  assertEquals(scene.deeds.slice(-5), [
    "fresh grows to 3",
    "old grows to 3",
    "all to old",
    "noted: back",
    "drain fresh",
  ]);
  assertEquals(scene.old.count, 3);
});

Deno.test("when it is called off half way the same is done", async () => {
  const scene = new Scene(1, 3);
  scene.abort.abort(new DOMException("liveroll is stopping", "AbortError"));
  await assertRejects(() => scene.run({}), DOMException, "stopping");
  const deeds = ["old grows to 3", "all to old", "noted: back", "drain fresh"];
  assertEquals(scene.deeds.slice(-4), deeds);
});

Deno.test("it is noted before the new one has more copies than the old one", async () => {
  const scene = new Scene(1, 4);
  assertEquals(await scene.run({ replicas: 4, maxUnavailable: 1 }), null);
  assertEquals(scene.deeds, [
    "share",
    "drain old3",
    "drain old2",
    "fresh grows to 3",
    "noted: forth",
    "drain old1",
    "drain old0",
    "fresh grows to 4",
    "noted: forth",
  ]);
});

Deno.test("what cannot be noted is not done: the old one is whole again", async () => {
  const scene = new Scene(1, 4);
  scene.isWritable = false;
  assertEquals(await scene.run({ replicas: 4, maxUnavailable: 1 }), "the disk is full");
  assertEquals(scene.deeds.slice(4), [
    "noted: forth",
    "old grows to 4",
    "all to old",
    "noted: back",
    "drain fresh",
  ]);
});

Deno.test("an old one that has ended meanwhile is no fault of the new one, which goes on", async () => {
  const scene = new Scene(1, 3);
  Object.assign(scene.old, { exit: { code: 1, signal: null } });
  assertEquals(await scene.run({}), null);
  assertEquals(scene.deeds, ["share", "noted: forth", "fresh grows to 3", "noted: forth"]);
});

Deno.test("where the old one has ended, a new one that lacks copies stays: nothing else serves", async () => {
  const scene = new Scene(1, 3);
  Object.assign(scene.old, { exit: { code: 1, signal: null } });
  scene.failsAt = 3;
  assertEquals(await scene.run({}), null);
  assertEquals(scene.deeds, ["share", "noted: forth", "fresh grows to 3"]);
});

Deno.test("so does one whose old one cannot come back", async () => {
  const scene = new Scene(3, 0);
  Object.assign(scene.old, { endpoints: { now: [] } });
  scene.failsAt = 4;
  assertEquals(await scene.run({ replicas: 4 }), null);
  assertEquals(scene.deeds.at(-1), "old grows to 4");
});

Deno.test("one that has ended itself does not come to serve, whatever the old one does", async () => {
  const scene = new Scene(1, 3);
  Object.assign(scene.old, { exit: { code: 1, signal: null } });
  Object.assign(scene.fresh, { exit: { code: 1, signal: null } });
  assertEquals(await scene.run({}), "it ended meanwhile");
});

Deno.test("a new one that is whole goes back in order, too, when that cannot be noted", async () => {
  const scene = new Scene(1, 2);
  scene.isWritable = false;
  assertEquals(await scene.run({ replicas: 2 }), "the disk is full");
  assertEquals(scene.deeds.slice(3), [
    "noted: forth",
    "old grows to 2",
    "all to old",
    "noted: back",
    "drain fresh",
  ]);
});

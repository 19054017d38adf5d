import { assert, assertEquals } from "@std/assert";
import { type Behaviour, type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { openFiles, residentBytes } from "../helpers/proc.ts";

/** More of them for a soak. */
const ROLLS = Number(Deno.env.get("SOAK_ROLLS") ?? 100);

/** With a small heap, garbage is collected soon: what grows then is not garbage. */
const SMALL_HEAP = { DENO_V8_FLAGS: "--max-semi-space-size=1,--max-old-space-size=40" };

/** Growth that is no leak, in bytes: noise of the allocator, code that gets compiled. */
const FLAT_WITHIN = 16 * 1024 * 1024;

const FLAGS = { "drain-timeout": "10s", "stop-timeout": "1s" };

/** Watches, at every event, that there are never more than two copies. */
function watchCopies(liveroll: Liveroll): () => number {
  let most = 0;
  liveroll.log.onLine = ({ event }) => {
    if (event !== undefined) most = Math.max(most, liveroll.children().size);
  };
  return () => most;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

Deno.test(`K21 ${ROLLS} good rolls under load: no failed request, no orphan, two children, flat memory`, () =>
  withLiveroll({
    version: "v0",
    flags: { ...FLAGS, "log-level": "info" },
    env: SMALL_HEAP,
  }, async (liveroll) => {
    const most = watchCopies(liveroll);
    const memory: number[] = [];
    const files = openFiles(liveroll.pid);
    await using load = new Load(liveroll.port, { keepAlive: 4, fresh: 2, posts: 1, pauseMs: 20 });
    await load.sees("v0");
    for (let n = 1; n <= ROLLS; n++) {
      await liveroll.rollAndRetire(`v${n}`);
      memory.push(residentBytes(liveroll.pid));
    }
    const report = await load.stop();
    assertNoneFailed(report);
    assert(report.sent > 10 * ROLLS, `only ${report.sent} requests`);
    assert(most() <= 2, `${most()} children at the same time`);
    assertEquals(liveroll.children().size, 1);
    const growth = median(memory.slice(-20)) - median(memory.slice(20, 40));
    assert(growth < FLAT_WITHIN, `memory grew by ${growth} bytes: ${memory}`);
    const leaked = openFiles(liveroll.pid) - files;
    assert(leaked < ROLLS / 10, `${leaked} more open files`);
  }));

Deno.test("K21 good, crashing, ill, slow, deaf and thieving versions in turn: no failed request", () =>
  withLiveroll({ version: "v0", flags: { ...FLAGS, "health-timeout": "2s" } }, async (liveroll) => {
    const most = watchCopies(liveroll);
    await using load = new Load(liveroll.port, {
      keepAlive: 4,
      fresh: 2,
      posts: 1,
      downloads: 1,
      pauseMs: 20,
    });
    await load.sees("v0");
    for (let n = 1; n <= GOOD.length * BAD.length; n++) await turn(liveroll, n);
    const report = await load.stop();
    assertNoneFailed(report);
    const bad = Object.keys(report.byVersion).filter((version) => version.startsWith("bad"));
    assertEquals(bad, []);
    assert(most() <= 2, `${most()} children at the same time`);
  }));

const GOOD: ((n: number) => Behaviour)[] = [
  () => ({}),
  () => ({ startDelayMs: 300 }),
  () => ({ onTerm: "ignore" }),
  () => ({ health: { failFirst: 3 } }),
  () => ({ offspring: "session" }),
  () => ({ onTerm: "default" }),
];

const BAD: ((liveroll: Liveroll) => Behaviour)[] = [
  () => ({ crash: { code: 1, lastWords: ["bad start"], afterMs: 50 } }),
  () => ({ health: { status: 500 } }),
  (liveroll) => ({ alsoBind: [servingPort(liveroll)] }),
  (liveroll) => ({ steal: { port: freePort(liveroll), ms: 60_000 } }),
  () => ({ health: { hangFirst: -1 } }),
];

async function turn(liveroll: Liveroll, n: number): Promise<void> {
  const since = liveroll.log.mark();
  if (n % 2 === 0) {
    const bad = BAD[(n / 2) % BAD.length]!;
    liveroll.offer(`bad${n}`, bad(liveroll));
    await liveroll.waitFor("roll.failed", { id: `bad${n}` }, since);
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === `bad${n}`, since);
  } else {
    await rollSomehow(liveroll, `v${n}`, GOOD[((n - 1) / 2) % GOOD.length]!(n));
  }
}

/** A port may still be in a thief's hand: he ends, and the roll has to be asked for again. */
async function rollSomehow(liveroll: Liveroll, id: string, behaviour: Behaviour): Promise<void> {
  liveroll.publish(id, behaviour);
  for (;;) {
    const since = liveroll.log.mark();
    liveroll.signal("SIGHUP");
    const end = await liveroll.log.waitForLine(
      `roll to ${id}`,
      ({ event }) => event === "roll.succeeded" || event === "port.busy",
      { since },
    );
    if (end.event === "port.busy") {
      liveroll.endStrangers();
      continue;
    }
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id !== id, since);
    return;
  }
}

function servingPort(liveroll: Liveroll): number {
  return liveroll.events("roll.switched").at(-1)!.instance.port;
}

function freePort(liveroll: Liveroll): number {
  const [first, second] = liveroll.childPorts;
  return servingPort(liveroll) === first ? second : first;
}

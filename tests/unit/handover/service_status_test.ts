import { assertEquals } from "@std/assert";
import type { Notifier } from "../../../src/handover/notify.ts";
import { ServiceStatus } from "../../../src/handover/service_status.ts";
import type { InstanceRef, RollEvent } from "../../../src/roll/events.ts";

/** Writes down what it is told. */
class Notes implements Notifier {
  readonly enabled = true;
  readonly told: string[] = [];
  ready = () => void this.told.push("READY");
  reloading = () => void this.told.push("RELOADING");
  stopping = () => void this.told.push("STOPPING");
  mainPid = (pid: number) => Promise.resolve(void this.told.push(`MAINPID ${pid}`));
  status = (text: string) => void this.told.push(text);
  extendTimeout = (ms: number) => void this.told.push(`EXTEND ${ms}`);
  [Symbol.asyncDispose] = () => Promise.resolve();

  /** What it was told since the last call, without the requests for more time. */
  take(): string[] {
    return this.told.splice(0).filter((line) => !line.startsWith("EXTEND"));
  }
}

/** Sleeps until the test lets it go on. */
class Nap {
  #naps: (() => void)[] = [];
  sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      this.#naps.push(resolve);
    });
  async pass(): Promise<void> {
    this.#naps.splice(0).forEach((wake) => wake());
    await Promise.resolve().then(() => {}).then(() => {});
  }
}

const v1: InstanceRef = { key: "i1", id: "v1", port: 9101, pid: 11 };
const v2: InstanceRef = { key: "i2", id: "v2", port: 9102, pid: 12 };

const switched = (instance: InstanceRef, roll = 1): RollEvent => ({
  type: "roll.switched",
  roll,
  instance,
  from: null,
});
const succeeded = (id: string, roll = 1): RollEvent => ({
  type: "roll.succeeded",
  roll,
  id,
  durationMs: 5,
});
const started = (
  roll: number,
  to: string,
  trigger: "start" | "interval" | "forced" | "crash",
): RollEvent => ({
  type: "roll.started",
  roll,
  trigger,
  from: roll === 1 ? null : "v1",
  to,
});
const refused = (id: string, roll: number): RollEvent => ({
  type: "roll.failed",
  roll,
  id,
  reason: "exited",
  detail: "it exited with code 1 before it was healthy",
  lastLines: ["boom"],
  retryInMs: 8_000,
});
const checkFailed: RollEvent = { type: "check.failed", step: "pull", detail: "exit code 7" };

function service(
  options?: { isPicky: boolean },
): { status: ServiceStatus; notes: Notes; nap: Nap } {
  const notes = new Notes();
  const nap = new Nap();
  return { status: new ServiceStatus(notes, nap, options), notes, nap };
}

function feed(status: ServiceStatus, ...events: RollEvent[]): void {
  for (const event of events) status.observe(event);
}

/** A service that serves v1 already. */
function running() {
  const parts = service();
  feed(parts.status, started(1, "v1", "start"), switched(v1), succeeded("v1"));
  parts.notes.take();
  return parts;
}

Deno.test("ready is said once the first version serves", () => {
  const { status, notes } = service();
  feed(status, { type: "check.started", trigger: "start" }, started(1, "v1", "start"));
  assertEquals(notes.take(), []);
  feed(status, switched(v1), succeeded("v1"));
  assertEquals(notes.take(), ["READY"]);
});

Deno.test("the status is what the state says, cut to one line of a terminal, and said once", () => {
  const { status, notes } = service();
  const state = { type: "state", state: "serving", was: "serving" } as const;
  feed(status, { ...state, detail: "serving v1 on port 9101" });
  feed(status, { ...state, detail: "serving v1 on port 9101" });
  feed(status, { ...state, detail: "x".repeat(1_000) });
  assertEquals(notes.take(), ["serving v1 on port 9101", `${"x".repeat(239)}…`]);
});

const FIRST_ATTEMPTS: RollEvent[] = [
  checkFailed,
  refused("v1", 1),
  { type: "check.quarantined", id: "v1", failures: 2, retryInMs: 90_000 },
  { type: "port.busy", roll: 1, id: "v1", port: 9101, holder: "nginx" },
];

for (const event of FIRST_ATTEMPTS) {
  Deno.test(`a first attempt that ends with ${event.type} makes the service ready all the same`, () => {
    const { status, notes } = service();
    feed(status, event);
    assertEquals(notes.take(), ["READY"]);
    feed(status, event);
    assertEquals(notes.take(), []);
  });
}

Deno.test("who is picky is ready only when a version serves, and gets no more time after a failure", async () => {
  const { status, notes, nap } = service({ isPicky: true });
  for (const event of FIRST_ATTEMPTS) feed(status, event);
  assertEquals(notes.told, ["EXTEND 30000"]);
  await nap.pass();
  assertEquals(notes.told, ["EXTEND 30000"]);
  feed(status, started(2, "v2", "interval"), switched(v2), succeeded("v2"));
  assertEquals(notes.take(), ["READY"]);
});

Deno.test("the start is given more time again and again, until the first attempt has ended", async () => {
  const { status, notes, nap } = service();
  assertEquals(notes.told, ["EXTEND 30000"]);
  await nap.pass();
  assertEquals(notes.told, ["EXTEND 30000", "EXTEND 30000"]);
  feed(status, checkFailed);
  notes.told.length = 0;
  await nap.pass();
  assertEquals(notes.told, []);
});

Deno.test("disposing it ends the requests for more time", async () => {
  const { status, notes, nap } = service();
  status[Symbol.dispose]();
  notes.told.length = 0;
  await nap.pass();
  assertEquals(notes.told, []);
});

Deno.test("a forced update is a reload that ends with its own roll", () => {
  const { status, notes } = running();
  feed(status, { type: "check.started", trigger: "forced" });
  assertEquals(notes.take(), ["RELOADING"]);
  feed(status, started(2, "v2", "forced"));
  assertEquals(notes.take(), []);
  feed(status, switched(v2, 2));
  assertEquals(notes.take(), ["READY"], "nobody waits for its time on probation");
  feed(status, succeeded("v2", 2));
  assertEquals(notes.take(), []);
});

Deno.test("a roll that was under way before a reload does not end it", () => {
  const { status, notes } = running();
  feed(status, started(2, "v2", "interval"), { type: "check.started", trigger: "forced" });
  feed(status, switched(v2, 2), succeeded("v2", 2));
  assertEquals(notes.take().includes("READY"), false);
  feed(status, started(3, "v2", "forced"), succeeded("v2", 3));
  assertEquals(notes.take().at(-1), "READY");
});

Deno.test("a crash that is healed during a reload does not end it", () => {
  const { status, notes } = running();
  feed(status, { type: "check.started", trigger: "forced" });
  feed(status, started(2, "v1", "crash"), switched(v1, 2), succeeded("v1", 2));
  assertEquals(notes.take(), ["RELOADING"]);
  feed(status, started(3, "v2", "forced"), switched(v2, 3), succeeded("v2", 3));
  assertEquals(notes.take(), ["READY"]);
});

for (
  const end of [
    checkFailed,
    refused("v2", 2),
    {
      type: "roll.interrupted",
      roll: 2,
      id: "v2",
      reason: "stopping",
    },
    { type: "port.busy", roll: 2, id: "v2", port: 9102, holder: "nginx" },
    {
      type: "turn.waiting",
      roll: 2,
      id: "v2",
      detail: "web1:8080 rolls",
    },
  ] satisfies RollEvent[]
) {
  Deno.test(`a reload that ends with ${end.type} is over`, () => {
    const { status, notes } = running();
    feed(status, { type: "check.started", trigger: "forced" });
    if (end.type !== "check.failed") feed(status, started(2, "v2", "forced"));
    feed(status, end);
    assertEquals(notes.take().filter((line) => line === "READY").length, 1);
    feed(status, end);
    assertEquals(notes.take(), []);
  });
}

Deno.test("an update by interval is no reload", () => {
  const { status, notes } = running();
  feed(status, { type: "check.started", trigger: "interval" });
  feed(status, { type: "check.unchanged", id: "v1" });
  assertEquals(notes.take(), []);
});

Deno.test("stopping is said once, and nothing makes the service ready again", () => {
  const { status, notes } = running();
  feed(status, { type: "check.started", trigger: "forced" }, started(2, "v2", "forced"));
  notes.take();
  const stop = { type: "state", state: "stopping", was: "serving", detail: "stopping" } as const;
  feed(status, stop, stop, { type: "roll.interrupted", roll: 2, id: "v2", reason: "stopping" });
  assertEquals(notes.take(), ["stopping", "STOPPING"]);
});

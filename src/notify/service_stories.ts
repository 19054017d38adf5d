import { howItEnded } from "../roll/describe.ts";
import type { InstanceRef } from "../roll/events.ts";
import { boundedLines } from "./bounded.ts";
import type { Notification } from "./notification.ts";
import type { Scene } from "./scene.ts";
import { type EventOf, seconds, sentence } from "./words.ts";

/** Requests go to another instance now. */
export function switched(
  scene: Scene,
  { roll, instance }: EventOf<"roll.switched">,
): Notification[] {
  const from = scene.rolls.get(roll)?.from ?? null;
  const remark = from === null || from === instance.id ? "" : `${from} ran before.`;
  return [complete(scene, instance), ...serves(scene, instance, { roll, from, remark })];
}

/** An instance serves. The first one of a life is news, a later one may be a recovery. */
export function serves(
  scene: Scene,
  { id, port }: InstanceRef,
  { roll = null, from = null, remark }: {
    roll?: number | null;
    from?: string | null;
    remark: string;
  },
): Notification[] {
  scene.running = id;
  const over = [
    scene.recovered("service", `${id} serves again`),
    scene.recovered("port", `${id} has found a port`),
  ];
  if (scene.hasServed) return over;
  scene.hasServed = true;
  scene.firstRoll = roll;
  const place = port === 0 ? "" : `; it listens on port ${port}`;
  const story = scene.make("started", {
    headline: `${id} serves`,
    text: [`liveroll has started${place}.`, ...(remark === "" ? [] : [remark])],
    roll,
    from,
    to: id,
    look: roll === null ? "status" : `show ${roll}`,
  });
  return [...over, story];
}

/** What served has ended. While its roll is watched, that is told as what it leads to. */
export function exited(
  scene: Scene,
  { instance: { key, id }, exit, lastLines }: EventOf<"instance.exited">,
): Notification[] {
  // A service manager may end everybody at the same time.
  if (scene.isStopping) return [];
  scene.running = null;
  const roll = rollOf(key);
  if (roll !== null && scene.rolls.has(roll)) return [];
  return [
    scene.make("crashed", {
      headline: `${id} crashed`,
      text: [`It ${howItEnded(exit)} while it served, and is started again.`, scene.now(id)],
      lastLines: boundedLines(lastLines),
      roll,
      to: id,
      look: "logs",
      raises: "service",
    }),
  ];
}

/** What could not be ended keeps others from starting: it may still write to the data. */
export function awaited(
  scene: Scene,
  { instance: { id } }: EventOf<"instance.awaited">,
): Notification {
  return scene.make("cannot_end", {
    headline: `${id} cannot be ended`,
    text: ["It may still write: nothing is started on its data before it is gone.", scene.now()],
    look: "logs",
  });
}

/** What serves does not answer its probes. */
export function unhealthy(
  scene: Scene,
  { instance: { key, id }, failures, detail }: EventOf<"instance.unhealthy">,
): Notification {
  return scene.make("unhealthy", {
    headline: `${id} does not answer`,
    text: [
      `${failures} probes in a row failed: ${sentence(detail)}`,
      "A fresh copy takes its place as soon as that is well.",
    ],
    roll: rollOf(key),
    to: id,
    look: "logs",
    raises: "service",
  });
}

/** Not all of it is there, and has not been for a while. */
export function missing(
  scene: Scene,
  { instance: { key, id }, detail }: EventOf<"containers.missing">,
): Notification {
  return scene.make("containers_missing", {
    headline: `${id} lacks containers`,
    text: [`For a minute now ${sentence(detail)}`, "Those that are well do the work."],
    roll: rollOf(key),
    to: id,
    raises: "containers",
  });
}

/** All of it is there: none was missing, or none is any more. */
export function complete(scene: Scene, { id }: InstanceRef): Notification {
  return scene.recovered("containers", `${id} has all its containers`);
}

/** It is started again and again. */
export function crashLoop(
  scene: Scene,
  { id, crashes, inMs }: EventOf<"restart.scheduled">,
): Notification {
  return scene.make("crash_loop", {
    headline: `${id} crashes again and again`,
    text: [
      `It failed ${crashes} times in a row, next start in ${seconds(inMs)}.`,
      scene.now(id),
      "To go back to the version before: liveroll rollback",
    ],
    to: id,
    look: "logs",
    raises: "service",
  });
}

/** Keys of instances end with the number of their roll. */
function rollOf(key: string): number | null {
  const digits = /^i(\d+)$/.exec(key)?.[1];
  return digits === undefined ? null : Number(digits);
}

import type { Trigger } from "../roll/events.ts";
import { bounded, boundedLines } from "./bounded.ts";
import type { Notification } from "./notification.ts";
import type { Scene } from "./scene.ts";
import { type EventOf, seconds, sentence } from "./words.ts";

/** These rolls begin with an answer of the source. */
const CHECKED: readonly Trigger[] = ["interval", "forced"];

/** A roll has begun. */
export function started(
  scene: Scene,
  { roll, trigger, from, to }: EventOf<"roll.started">,
): Notification[] {
  scene.rolls.set(roll, { trigger, from, to });
  if (!scene.isHealing(roll)) scene.wanted = to;
  return CHECKED.includes(trigger) ? [scene.recovered("check", "the source answers again")] : [];
}

/** A version serves, and is well. */
export function succeeded(
  scene: Scene,
  { roll, id, durationMs }: EventOf<"roll.succeeded">,
): Notification[] {
  const isHealing = scene.isHealing(roll);
  const { from } = scene.about(roll, id);
  scene.rolls.delete(roll);
  if (isHealing) return [];
  // The first one was told when it began to serve.
  const isTold = roll === scene.firstRoll || from === null;
  if (isTold || scene.isUnstable) return [scene.recovered("roll", `${id} was taken`)];
  const headline = from === id ? `${id} was started anew` : `${from} → ${id}`;
  const text = [`It serves, after ${seconds(durationMs)}.`];
  return [scene.make("rolled", { ...about(roll, from, id), headline, text, ends: "roll" })];
}

/** A candidate was refused. */
export function rollFailed(scene: Scene, event: EventOf<"roll.failed">): Notification {
  const { roll, id, reason, detail, lastLines, retryInMs } = event;
  if (reason === "data_not_restored") return dataBroken(scene, event);
  const isHealing = scene.isHealing(roll);
  const { from } = scene.about(roll, id);
  scene.rolls.delete(roll);
  const next = retryInMs === null ? [] : [
    `Next try in ${seconds(retryInMs)} at the earliest, or when the source names another version.`,
  ];
  return scene.make("failed", {
    ...about(roll, from, id),
    headline: isHealing || from === id
      ? `${id} could not be started again`
      : `${id} ${reason === "no_turn" ? "is not rolled to" : "was refused"}`,
    text: [sentence(detail), ...next, scene.now(id)],
    lastLines: boundedLines(lastLines),
    raises: isHealing ? "service" : "roll",
    // What is wrong elsewhere must not hide what goes wrong here later.
    gist: reason === "no_turn" ? `no turn ${scene.gist(id)}` : scene.gist(id),
  });
}

/** Only a person gets on from here. */
function dataBroken(
  scene: Scene,
  { roll, id, detail }: EventOf<"roll.failed">,
): Notification {
  const { from } = scene.about(roll, id);
  scene.rolls.delete(roll);
  return scene.make("data_broken", {
    ...about(roll, from, id),
    headline: `the data is broken, ${id} is not started`,
    text: [sentence(detail), scene.now()],
    raises: "service",
    gist: "data",
  });
}

/** A version served, but not well. */
export function rolledBack(
  scene: Scene,
  { roll, id, to, detail, lastLines }: EventOf<"roll.rolled_back">,
): Notification {
  scene.rolls.delete(roll);
  return scene.make("rolled_back", {
    ...about(roll, id, to),
    headline: `${id} was taken back, ${to} comes back`,
    text: [`It served, but was not well: ${bounded(detail)}.`, `Back to ${to}, wanted ${id}.`],
    lastLines: boundedLines(lastLines),
    raises: "roll",
    gist: scene.gist(id),
  });
}

/** A roll waits for its port. */
export function portBusy(
  scene: Scene,
  { roll, id, port, holder }: EventOf<"port.busy">,
): Notification {
  return scene.make("port_busy", {
    ...scene.about(roll, id),
    headline: `${id} cannot start, port ${port} is taken`,
    text: [`It is held by ${bounded(holder)}.`, scene.now()],
    raises: "port",
  });
}

/** A failing before hook is told as what it leads to: a roll that failed. */
export function hookEnded(
  scene: Scene,
  { roll, hook, end }: EventOf<"hook.ended">,
): Notification[] {
  if (hook === "before") return [];
  const trouble = hook === "after" ? "after-hook" : "failure-hook";
  if (end.outcome === "succeeded") {
    return [scene.recovered(trouble, `the ${hook} hook works again`)];
  }
  const how = end.outcome === "timed_out" ? "took too long" : `ended with code ${end.code}`;
  return [
    scene.make("hook_failed", {
      headline: `the ${hook} hook failed`,
      text: [`It ${how}. The outcome of the roll is the same.`, scene.now()],
      lastLines: boundedLines(end.lastLines),
      roll,
      look: `show ${roll}`,
      raises: trouble,
    }),
  ];
}

function about(
  roll: number,
  from: string | null,
  to: string,
): Pick<Notification, "roll" | "from" | "to" | "look"> {
  return { roll, from, to, look: `show ${roll}` };
}

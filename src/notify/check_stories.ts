import { stepName } from "../roll/describe.ts";
import { bounded } from "./bounded.ts";
import type { Notification } from "./notification.ts";
import type { Scene } from "./scene.ts";
import { shellWord } from "./shell_words.ts";
import { type EventOf, seconds, sentence } from "./words.ts";

/** The source could not be asked. */
export function checkFailed(scene: Scene, { step, detail }: EventOf<"check.failed">): Notification {
  return scene.make("check_failed", {
    headline: "cannot look for a new version",
    text: [`The ${stepName(step)} failed: ${sentence(detail)}`, scene.now()],
    look: "why",
    raises: "check",
    gist: step,
  });
}

/** What runs is the newest version. If another one was refused, it is not offered any more. */
export function unchanged(scene: Scene, { id }: EventOf<"check.unchanged">): Notification[] {
  scene.wanted = id;
  scene.isUnstable = false;
  return [
    scene.recovered("check", "the source answers again"),
    scene.recovered("roll", `${id} runs, and is the newest version again`),
  ];
}

/** A version that does not run was named. */
export function found(scene: Scene, { id, waits }: EventOf<"update.found">): Notification[] {
  scene.wanted = id;
  const isOffered = waits?.obstacle === "notify_only";
  const story = scene.make(isOffered ? "offered" : "found", {
    headline: isOffered ? `${id} is there for you to take` : `${id} was found`,
    text: [...(waits === null ? [] : [sentence(waits.detail)]), scene.now()],
    to: id,
    look: isOffered ? `update ${shellWord(id)}` : "why",
    gist: scene.gist(id),
  });
  return [scene.recovered("check", "the source answers again"), story];
}

/** A version is not tried again for a while. */
export function quarantined(
  scene: Scene,
  { id, failures, retryInMs }: EventOf<"quarantine.added">,
): Notification {
  const often = failures === 1 ? "once" : `${failures} times`;
  return scene.make("quarantined", {
    headline: `${id} is in quarantine`,
    text: [`It failed ${often}, next try in ${seconds(retryInMs)} at the earliest.`, scene.now(id)],
    to: id,
    gist: scene.gist(id),
  });
}

/** The id is no name of a version. */
export function unstable(scene: Scene, { ids }: EventOf<"check.unstable_id">): Notification {
  scene.isUnstable = true;
  return scene.make("unstable_id", {
    headline: "every check names another version",
    text: [
      `The last ones: ${ids.map(bounded).join(", ")}.`,
      "Does the id command print the time, or something random?",
      "What is rolled to is not told any more until two checks name the same version.",
    ],
    look: "why",
    raises: "roll",
  });
}

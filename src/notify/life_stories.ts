import type { SettingChange } from "../roll/events.ts";
import type { Notification } from "./notification.ts";
import type { Scene } from "./scene.ts";
import { type EventOf, sentence } from "./words.ts";

const SETTINGS: Record<SettingChange, string> = {
  paused: "updates are paused",
  resumed: "updates go on",
  held: "requests are held",
  released: "requests are let go",
  maintenance_on: "maintenance, requests are answered 503",
  maintenance_off: "maintenance is over",
  pinned: "a version is pinned",
  unpinned: "no version is pinned any more",
  skipped: "a version is skipped",
};

/** The end of liveroll. */
export function stopped(scene: Scene): Notification {
  const text = scene.running === null ? [] : [`${scene.running} served last.`];
  return scene.make("stopped", { headline: "liveroll has stopped", text, look: "history" });
}

/** The disk is full, or worse. */
export function journalFailed(scene: Scene, { detail }: EventOf<"journal.failed">): Notification {
  return scene.make("journal_failed", {
    headline: "nothing can be written down",
    text: [sentence(detail), "What runs goes on, updates wait.", scene.now()],
    look: "doctor",
    raises: "journal",
  });
}

/** Somebody has asked for something that holds. */
export function setting(scene: Scene, { what, detail }: EventOf<"setting">): Notification {
  const text = detail === "" ? [] : [sentence(detail)];
  return scene.make(what, { headline: SETTINGS[what], text: [...text, scene.now()] });
}

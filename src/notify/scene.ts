import type { Trigger } from "../roll/events.ts";
import { bounded } from "./bounded.ts";
import { type EventName, EVENTS, type Notification, type Trouble } from "./notification.ts";

/** What is known of a roll that is not over. */
export interface Course {
  readonly trigger: Trigger;
  readonly from: string | null;
  readonly to: string;
}

/** What a notification says; the rest is left to the scene. */
export type Story = Partial<Omit<Notification, "event" | "headline">> & {
  readonly headline: string;
};

/** The same or the proven version is brought back: it is not the version that is to blame. */
const HEALING: readonly Trigger[] = ["crash", "liveness", "automatic-rollback"];

/** What has to be remembered of events to tell a later one as people want to hear it. */
export class Scene {
  /** Rolls that are under way, or whose version is still watched. */
  readonly rolls = new Map<number, Course>();
  running: string | null = null;
  wanted: string | null = null;
  /** The roll by which the first version of this life came to serve; null: none did, or by itself. */
  firstRoll: number | null = null;
  hasServed = false;
  isStopping = false;
  /** Every check names another id. */
  isUnstable = false;

  /** Whether a roll brings something back. */
  isHealing(roll: number): boolean {
    const course = this.rolls.get(roll);
    return course !== undefined && HEALING.includes(course.trigger);
  }

  /** `Running v1, wanted v2.` */
  now(wanted = this.wanted): string {
    const runs = this.running === null ? "Nothing runs" : `Running ${this.running}`;
    return wanted === null || wanted === this.running ? `${runs}.` : `${runs}, wanted ${wanted}.`;
  }

  /** What stands in everything that is about one roll. */
  about(roll: number, id: string): Pick<Notification, "roll" | "from" | "to" | "look"> {
    return { roll, from: this.rolls.get(roll)?.from ?? null, to: id, look: `show ${roll}` };
  }

  /** By what errors with a version count as equal: with ids that never stay, all of them. */
  gist(id: string): string {
    return this.isUnstable ? "" : id;
  }

  /** Something that has happened, told bounded. */
  make(event: EventName, { headline, text = [], ...story }: Story): Notification {
    return {
      event,
      importance: EVENTS[event],
      lastLines: [],
      roll: null,
      from: null,
      to: null,
      running: this.running,
      look: "status",
      raises: null,
      ends: null,
      gist: null,
      ...story,
      headline: bounded(headline),
      text: text.map(bounded),
    };
  }

  /** Something is well again. */
  recovered(ends: Trouble, what: string): Notification {
    return this.make("recovered", { headline: `recovered: ${what}`, text: [this.now()], ends });
  }
}

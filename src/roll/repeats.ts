import type { RollEvent, Trigger } from "./events.ts";

/** Rolls that begin without asking the source say nothing about it. */
const WITHOUT_SOURCE: readonly Trigger[] = [
  "crash",
  "liveness",
  "restart",
  "rollback",
  "automatic-rollback",
  "pin",
];

/** Finds out what would be told again at every check or probe. */
export class Repeats {
  readonly #lastSaid = new Map<string, string>();

  /** Takes the next event. @returns Whether it says nothing new. */
  isRepeated(event: RollEvent): boolean {
    for (const subject of settledBy(event)) this.#lastSaid.delete(subject);
    const trouble = troubleIn(event);
    if (trouble === null) return false;
    const { subject, gist } = trouble;
    const isKnown = this.#lastSaid.get(subject) === gist;
    this.#lastSaid.set(subject, gist);
    return isKnown;
  }
}

/** What is wrong with whom, in an event that may come again and again; null: it is always news. */
function troubleIn(event: RollEvent): { subject: string; gist: string } | null {
  switch (event.type) {
    case "check.quarantined":
      return { subject: "quarantine", gist: `${event.id} ${event.failures}` };
    case "check.unchanged":
      return { subject: "unchanged", gist: event.id };
    case "update.found":
      if (event.waits === null) return null;
      return { subject: "quarantine", gist: `${event.id} ${event.waits.obstacle}` };
    case "check.failed":
      return { subject: "source", gist: event.detail };
    case "port.busy":
      return { subject: "port", gist: `${event.port} ${event.holder}` };
    case "probe.failed":
      return { subject: event.instance.key, gist: event.detail };
    default:
      return null;
  }
}

/** Whose trouble is over with an event: the next one is news, even if it is the same. */
function settledBy(event: RollEvent): string[] {
  switch (event.type) {
    case "check.unchanged":
    case "check.quarantined":
    case "update.found":
      return ["source"];
    case "roll.started":
      return WITHOUT_SOURCE.includes(event.trigger) ? [] : ["source"];
    case "roll.candidate":
      return ["port"];
    case "instance.stopped":
      return [event.instance.key];
    default:
      return [];
  }
}

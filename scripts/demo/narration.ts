import type { RollEvent } from "../../src/roll/events.ts";
import type { Telling } from "./input.ts";
import type { Release } from "./releases.ts";

/** How good the news is. */
export type Tone = "good" | "bad" | "busy" | "plain";

/** Something told in words. */
export interface Words {
  tone: Tone;
  text: string;
}

const FAULTS = {
  crash: ", which crashes at start",
  sick: ", which never gets healthy",
} as const;

/** What a reader should be told of an input; null: nothing. */
export function narrate(input: Telling): Words | null {
  return input.kind === "published" ? published(input.release) : happened(input.event);
}

/** A duration for people. */
export function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(1)} s`;
}

function published({ id, fault }: Release): Words {
  return { tone: "plain", text: `${id} is published${fault === null ? "" : FAULTS[fault]}` };
}

function happened(event: RollEvent): Words | null {
  switch (event.type) {
    case "roll.started":
      return busy(
        event.from === null ? `${event.to} starts` : `${event.from} → ${event.to} begins`,
      );
    case "roll.switched":
      return good(`all requests go to ${event.instance.id} now`);
    case "roll.failed":
      return bad(`${event.id} is refused: ${event.detail}`);
    case "roll.interrupted":
      return bad(`the roll to ${event.id} was called off: ${event.reason}`);
    case "drained": {
      const { instance: { id }, finished, cut } = event;
      const words = `${id} has finished ${finished} open request${finished === 1 ? "" : "s"}`;
      return cut === 0 ? good(words) : bad(`${words}, ${cut} were cut`);
    }
    case "instance.stopped":
      return plain(`${event.instance.id} has stopped after ${inWords(event.durationMs)}`);
    case "instance.exited":
      return bad(`${event.instance.id} has crashed`);
    case "check.failed":
      return bad(`the ${event.step} command failed: ${event.detail}`);
    case "port.busy":
      return bad(`port ${event.port} is held by ${event.holder}`);
    default:
      return null;
  }
}

function good(text: string): Words {
  return { tone: "good", text };
}

function bad(text: string): Words {
  return { tone: "bad", text };
}

function busy(text: string): Words {
  return { tone: "busy", text };
}

function plain(text: string): Words {
  return { tone: "plain", text };
}

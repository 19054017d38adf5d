/** @import { HistoryEntry, RollDetails } from "../operator.ts" */
/** @import { LoggedEvent } from "../../roll/logged_event.ts" */
/** @import { Step } from "./types.ts" */

/** What every roll goes through, in the order of a roll that goes well. */
const USUAL = ["port", "start", "gate", "switch", "watch", "drain", "stop"];

/** These are about an instance that leaves. */
const LEAVING = ["drain", "stop"];

/** What is known of one roll, step by step. */
export class RollProgress {
  /** @type {HistoryEntry} */
  entry;
  /** @type {Map<string, string>} Phases under way, and since when. */
  #running = new Map();

  /** @param {RollDetails} details */
  constructor({ lastLines: _lines, events, ...entry }) {
    this.entry = { ...entry, phases: [...entry.phases] };
    for (const logged of events) this.add(logged);
  }

  /**
   * Takes in what happened; true if it was about this roll.
   *
   * @param {LoggedEvent} logged
   */
  add({ at, event }) {
    if (!("roll" in event) || event.roll !== this.entry.id) return false;
    if (event.type === "roll.phase") this.#begin(event.name, at);
    if (event.type === "roll.phase_ended") this.#end(event.phase);
    return true;
  }

  /**
   * All steps, those to come included, in the order in which they began.
   *
   * @returns {Step[]}
   */
  get steps() {
    const begun = [...this.#ended(), ...this.#underWay()]
      .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
    const coming = this.entry.outcome === null ? this.#coming(begun.map(({ name }) => name)) : [];
    return [...begun, ...coming];
  }

  #ended() {
    return this.entry.phases.map(({ name, startedAt, durationMs, outcome }) => ({
      name,
      state: outcome,
      startedAt,
      durationMs,
    }));
  }

  #underWay() {
    // Nobody may have been left to tell their end.
    const isOver = ["failed", "interrupted"].includes(this.entry.outcome ?? "");
    /** @type {Step["state"]} */
    const state = isOver ? "interrupted" : "running";
    return [...this.#running].map(([name, startedAt]) => ({
      name,
      state,
      startedAt,
      durationMs: null,
    }));
  }

  /**
   * @param {string[]} begun
   * @returns {Step[]}
   */
  #coming(begun) {
    return USUAL
      .filter((name) => !begun.includes(name))
      .filter((name) => this.entry.from !== null || !LEAVING.includes(name))
      .map((name) => ({ name, state: "waiting", startedAt: null, durationMs: null }));
  }

  /**
   * @param {string} name
   * @param {string} at
   */
  #begin(name, at) {
    const over = this.entry.phases.find((phase) => phase.name === name);
    const endedAt = over === undefined ? 0 : Date.parse(over.startedAt) + over.durationMs;
    // It may be told once more, after its end.
    if (Date.parse(at) > endedAt) this.#running.set(name, at);
  }

  /** @param {{ name: string, startedAt: number, durationMs: number, outcome: "succeeded" | "failed" | "interrupted" }} phase */
  #end({ name, startedAt, durationMs, outcome }) {
    this.#running.delete(name);
    const phases = this.entry.phases.filter((phase) => phase.name !== name);
    const started = new Date(startedAt).toISOString();
    this.entry.phases = [...phases, { name, startedAt: started, durationMs, outcome }];
  }
}

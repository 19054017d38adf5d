import { describe } from "../../../src/roll/describe.ts";
import type { AppState, RollEvent } from "../../../src/roll/events.ts";
import { Vow } from "../promises.ts";

/** Promise 5: every change of state is told, and the line for people says what is true. */
export class TheStateIsTold extends Vow {
  readonly name = "P5 the state is told";
  #state: AppState = "starting";
  #detail = "";

  onLifeBegins(): void {
    this.#state = "starting";
    this.#detail = "";
  }

  onEvent(event: RollEvent): void {
    if (event.type !== "state") return;
    if (event.was !== this.#state) this.broken(`${event.was} was never told, ${this.#state} was`);
    this.#state = event.state;
    this.#detail = event.detail;
  }

  onStep(): void {
    const { life } = this.scene;
    if (life === null || !life.isOn || life.stopsAsked > 0) return;
    const { target } = life.traffic;
    const told = /^serving (\S+) on port (\d+)/.exec(this.#detail);
    const isTrue = target === null
      ? told === null
      : told?.[1] === target.id && told[2] === String(target.port);
    if (!isTrue) this.broken(`"${this.#detail}", but requests go to ${target?.key ?? "nobody"}`);
  }
}

/** Promise 5: there is a sentence for everything that happens. */
export class EverythingHasASentence extends Vow {
  readonly name = "P5 everything has a sentence";

  onEvent(event: RollEvent): void {
    const { message } = describe(event);
    if (message === "" || /undefined|NaN|\[object|\bnull\b/.test(message)) {
      this.broken(`${event.type}: "${message}"`);
    }
  }
}

/** Promise 5: every roll that is told to begin is told to end, once, and why. */
export class RollsAreToldToTheEnd extends Vow {
  readonly name = "P5 rolls are told to the end";
  readonly #open = new Set<number>();

  onLifeBegins(): void {
    this.#open.clear();
    for (const { roll } of this.life.journal.memory.unfinished) this.#open.add(roll);
  }

  onEvent(event: RollEvent): void {
    switch (event.type) {
      case "roll.started":
        this.#open.add(event.roll);
        break;
      case "roll.failed":
      case "roll.rolled_back":
        return this.#end(event.roll, event.detail);
      case "roll.interrupted":
        return this.#end(event.roll, event.reason);
      case "roll.skipped":
        return this.#end(event.roll, "it is skipped");
      case "roll.succeeded":
        return this.#end(event.roll, "it serves");
    }
  }

  onLifeEnds(how: "killed" | "ended"): void {
    if (how === "killed") return;
    for (const roll of this.#open) this.broken(`the end of roll ${roll} was never told`);
  }

  #end(roll: number, why: string): void {
    if (!this.#open.delete(roll)) this.broken(`the end of roll ${roll} is told a second time`);
    if (why === "") this.broken(`roll ${roll} ended, and nobody knows why`);
  }
}

/** Promise 5: whoever asked for something gets an answer, and later the outcome, which is true. */
export class OrdersAreAnswered extends Vow {
  readonly name = "P5 orders are answered";
  readonly #switched = new Set<number>();

  onEvent(event: RollEvent): void {
    if (event.type === "roll.switched") this.#switched.add(event.roll);
    if (event.type === "request.ended" && event.outcome === "succeeded") {
      const hasHappened = event.roll !== null && this.#switched.has(event.roll);
      if (!hasHappened) {
        this.broken(`request ${event.request} has succeeded, but roll ${event.roll}`);
      }
    }
    if (event.type !== "request.ended" || event.detail !== "" || event.outcome === "succeeded") {
      return;
    }
    this.broken(`request ${event.request} is ${event.outcome}, and nobody knows why`);
  }

  onConverged(): void {
    this.#isDone();
  }

  onLifeEnds(how: "killed" | "ended"): void {
    if (how === "ended") this.#isDone();
  }

  #isDone(): void {
    const { openAnswers, openRequests } = this.life;
    if (openAnswers > 0) this.broken(`${openAnswers} orders have no answer`);
    for (const request of openRequests) this.broken(`request ${request} has no outcome`);
  }
}

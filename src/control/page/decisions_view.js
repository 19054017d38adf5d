import { byId } from "./dom.js";
import { eventLine } from "./history_view.js";
/** @import { LoggedEvent } from "../../roll/logged_event.ts" */

const KEPT = 100;

/** What happened last, newest first. */
export class DecisionsView {
  #list = byId("decisions", HTMLElement);

  /** @param {LoggedEvent} event */
  add(event) {
    if (event.level === "debug") return;
    this.#list.prepend(eventLine(event));
    while (this.#list.childElementCount > KEPT) this.#list.lastElementChild?.remove();
  }

  /** @param {readonly LoggedEvent[]} events Oldest first. */
  reset(events) {
    this.#list.replaceChildren();
    for (const event of events) this.add(event);
  }
}

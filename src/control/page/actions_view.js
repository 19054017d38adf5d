import { ACTIONS, rollbackQuestion, rollbackTo } from "./actions.js";
import { Locked } from "./api.js";
import { askFirst } from "./dialog.js";
import { byId, el, setText } from "./dom.js";
/** @import { Status } from "../operator.ts" */
/** @import { LoggedEvent } from "../../roll/logged_event.ts" */
/** @import { Action } from "./actions.js" */
/** @import { Api } from "./api.js" */
/** @import { Ask, Question } from "./types.ts" */

/** Orders whose end is remembered: it may be told before we have learnt the order's number. */
const ENDS_KEPT = 50;

/** The buttons, and what came of the last one. */
export class ActionsView {
  #api;
  #onLocked;
  #result = byId("result", HTMLElement);
  /** @type {Status | null} */
  #status = null;
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  /** @type {{ request: number, label: string } | null} The order whose end is waited for. */
  #waiting = null;
  /** @type {Map<number, { outcome: string, detail: string }>} */
  #ends = new Map();

  /**
   * @param {Api} api
   * @param {(reason: Locked) => void} onLocked
   */
  constructor(api, onLocked) {
    this.#api = api;
    this.#onLocked = onLocked;
    for (const action of ACTIONS) this.#addButton(action);
  }

  /** @param {Status} status */
  draw(status) {
    this.#status = status;
    for (const action of ACTIONS) {
      const button = this.#buttons.get(action.key);
      if (button === undefined) continue;
      const obstacle = action.obstacle(status);
      setText(button, action.label(status));
      button.title = obstacle ?? action.title;
      // Not `disabled`: the keyboard would lose its place, and nobody would be told why.
      button.setAttribute("aria-disabled", String(obstacle !== null));
    }
  }

  /**
   * An order may have come to its end.
   *
   * @param {LoggedEvent} logged
   */
  add({ event }) {
    if (event.type !== "request.ended") return;
    this.#ends.set(event.request, event);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > ENDS_KEPT && oldest !== undefined) this.#ends.delete(oldest);
    this.#tellEnd();
  }

  /** Asks how the order stands that is waited for: its end may have been missed. */
  async catchUp() {
    if (this.#waiting === null) return;
    const { request } = this.#waiting;
    const { outcome, detail } = await this.#api.get(`v1/requests/${request}`);
    if (outcome === null) return;
    this.#ends.set(request, { outcome, detail });
    this.#tellEnd();
  }

  /**
   * Goes back to a version of the history.
   *
   * @param {string} id
   */
  async goBackTo(id) {
    if (this.#status === null) return;
    if (this.#status.current?.id === id) return this.#tell("bad", `${id} runs already.`);
    await this.#confirmAndSend(
      "Roll back",
      rollbackQuestion(this.#status, id),
      () => rollbackTo(id),
    );
  }

  /** @param {Action} action */
  #addButton(action) {
    const button = el("button", { type: "button", "data-action": action.key, title: action.title });
    button.addEventListener("click", () => this.#press(action));
    this.#buttons.set(action.key, button);
    byId("actions", HTMLElement).append(button);
  }

  /** @param {Action} action */
  async #press(action) {
    const status = this.#status;
    if (status === null) return;
    const obstacle = action.obstacle(status);
    if (obstacle !== null) return this.#tell("bad", obstacle);
    const label = action.label(status).replace(/ …$/, "");
    const ask = (/** @type {string} */ text) => action.ask(status, text);
    await this.#confirmAndSend(label, action.question(status), ask);
  }

  /**
   * @param {string} label
   * @param {Question | null} question
   * @param {(text: string) => Ask} ask
   */
  async #confirmAndSend(label, question, ask) {
    const text = question === null ? "" : await askFirst(question);
    if (text === null) return;
    this.#waiting = null;
    this.#tell("busy", `${label}: asked for …`);
    try {
      this.#accepted(label, await this.#api.post(ask(text)));
    } catch (error) {
      this.#refused(label, error);
    }
  }

  /**
   * @param {string} label
   * @param {{ request?: number } | null} answer
   */
  #accepted(label, answer) {
    const request = answer?.request;
    if (typeof request !== "number") return this.#tell("good", `${label}: done.`);
    this.#waiting = { request, label };
    this.#tell("busy", `${label}: accepted, under way …`);
    this.#tellEnd();
  }

  /**
   * @param {string} label
   * @param {unknown} error
   */
  #refused(label, error) {
    if (error instanceof Locked) this.#onLocked(error);
    const reason = error instanceof Error ? error.message : String(error);
    this.#tell("bad", `${label}: ${reason}`);
  }

  #tellEnd() {
    if (this.#waiting === null) return;
    const { request, label } = this.#waiting;
    const end = this.#ends.get(request);
    if (end === undefined) return;
    this.#waiting = null;
    const good = end.outcome === "succeeded" || end.outcome === "unchanged";
    const outcome = end.outcome.replaceAll("_", " ");
    this.#tell(good ? "good" : "bad", `${label}: ${outcome}${end.detail && `: ${end.detail}`}`);
  }

  /**
   * @param {"good" | "busy" | "bad"} tone
   * @param {string} text
   */
  #tell(tone, text) {
    this.#result.dataset["tone"] = tone;
    setText(this.#result, text);
  }
}

import { coalesced } from "./coalesced.js";
import { DecisionsView } from "./decisions_view.js";
import { byId, setText } from "./dom.js";
import { drawConnection, drawHead, heard } from "./head_view.js";
import { HistoryView } from "./history_view.js";
import { drawLists } from "./lists_view.js";
import { drawNow } from "./now_view.js";
import { OutputView } from "./output_view.js";
import { drawRoll } from "./roll_view.js";
import { RollProgress } from "./steps.js";
import { syncClock, tick } from "./times.js";
import { TrafficView } from "./traffic_view.js";
/** @import { HistoryEntry, OutputLine, Status } from "../operator.ts" */
/** @import { LoggedEvent } from "../../roll/logged_event.ts" */
/** @import { ActionsView } from "./actions_view.js" */
/** @import { Api } from "./api.js" */
/** @import { TokenForm } from "./token_form.js" */
/** @import { ConnectionState, StreamListener } from "./types.ts" */

const ROLLS = 20;
const DECISIONS = 50;
const LINES = 200;

const RECENT = 100;

/** After these the history is another one. */
const ROLL_NEWS = [
  "roll.started",
  "roll.phase_ended",
  "roll.succeeded",
  "roll.failed",
  "roll.rolled_back",
  "roll.interrupted",
  "roll.skipped",
];

/**
 * What is shown. It begins with answers to questions, then takes in what it is told; what is told
 * while the answers are on their way is not lost, and not shown twice.
 *
 * @implements {StreamListener}
 */
export class Page {
  #api;
  #actions;
  #tokenForm;
  #output = new OutputView();
  #decisions = new DecisionsView();
  #traffic = new TrafficView();
  #history;
  /** @type {RollProgress | null} */
  #progress = null;
  /** @type {ConnectionState} */
  #connection = { name: "connecting" };
  /** @type {{ events: LoggedEvent[], lines: OutputLine[] } | null} */
  #early = null;
  /** @type {LoggedEvent[]} Newer, perhaps, than an answer that is on its way. */
  #recent = [];
  #refresh = coalesced(() => this.#loadHistory());
  #state = "";

  /**
   * @param {Api} api
   * @param {ActionsView} actions
   * @param {TokenForm} tokenForm
   */
  constructor(api, actions, tokenForm) {
    this.#api = api;
    this.#actions = actions;
    this.#tokenForm = tokenForm;
    const load = (/** @type {number} */ id) => api.get(`v1/rolls/${id}`);
    this.#history = new HistoryView(load, (id) => actions.goBackTo(id));
  }

  get isLost() {
    return this.#connection.name === "lost";
  }

  /** @param {AbortSignal} signal */
  async opened(signal) {
    const early = this.#early = { events: [], lines: [] };
    const [decisions, lines, traffic] = await Promise.all([
      this.#api.get(`v1/why?limit=${DECISIONS}`, signal),
      this.#api.lines(`v1/logs?limit=${LINES}`, signal),
      this.#api.get("v1/traffic", signal),
      this.#loadHistory(signal),
    ]);
    this.#early = null;
    this.#decisions.reset(withoutDoubles([...decisions, ...early.events]));
    this.#output.reset(withoutDoubles([...lines, ...early.lines]));
    this.#traffic.draw(traffic);
    for (const event of early.events) this.#takeIn(event);
    this.#actions.catchUp().catch(() => {});
  }

  /** @param {Status} status */
  status(status) {
    syncClock(status);
    heard();
    this.#announce(status);
    drawHead(status);
    drawNow(status);
    drawLists(status);
    this.#actions.draw(status);
    byId("content", HTMLElement).hidden = this.#connection.name === "locked";
    tick();
  }

  /** @param {LoggedEvent} event */
  event(event) {
    heard();
    if (this.#early !== null) return void this.#early.events.push(event);
    this.#decisions.add(event);
    this.#takeIn(event);
  }

  /** @param {OutputLine} line */
  output(line) {
    heard();
    if (this.#early !== null) this.#early.lines.push(line);
    else this.#output.add(line);
  }

  /** @param {ConnectionState} state */
  changed(state) {
    const was = this.#connection;
    this.#connection = state;
    drawConnection(state);
    if (state.name === "lost" && was.name === "live") this.#say("Connection lost.");
    if (state.name === "live") {
      this.#tokenForm.hide();
      this.#say("Connected.");
    }
    if (state.name === "locked") {
      byId("content", HTMLElement).hidden = true;
      this.#tokenForm.show(state.refused);
    }
  }

  /** Makes right what changes with time alone. */
  tick() {
    if (this.#connection.name !== "live") drawConnection(this.#connection);
  }

  /** Asks for what is not told. A failure shows elsewhere: the stream fails, too. */
  async refreshFigures() {
    if (this.#connection.name !== "live") return;
    await Promise.all([
      this.#api.get("v1/status").then((status) => this.status(status)),
      this.#api.get("v1/traffic").then((traffic) => this.#traffic.draw(traffic)),
    ]).catch(() => {});
  }

  /** @param {LoggedEvent} logged */
  #takeIn(logged) {
    this.#recent = [...this.#recent.slice(-RECENT), logged];
    this.#actions.add(logged);
    if (this.#progress?.add(logged)) drawRoll(this.#progress);
    if (ROLL_NEWS.includes(logged.event.type)) this.#refresh();
  }

  /** @param {AbortSignal} [signal] */
  async #loadHistory(signal) {
    /** @type {HistoryEntry[]} */
    const history = await this.#api.get(`v1/history?limit=${ROLLS}`, signal);
    await this.#follow(history[0], signal);
    this.#history.draw(history);
    this.#traffic.mark(history);
  }

  /**
   * Knows the newest roll in every detail.
   *
   * @param {HistoryEntry | undefined} newest
   * @param {AbortSignal} [signal]
   */
  async #follow(newest, signal) {
    if (newest === undefined) this.#progress = null;
    else this.#progress = new RollProgress(await this.#api.get(`v1/rolls/${newest.id}`, signal));
    for (const logged of this.#recent) this.#progress?.add(logged);
    drawRoll(this.#progress);
  }

  /** @param {Status} status */
  #announce({ app, state, detail }) {
    if (this.#state !== "" && this.#state !== state) this.#say(`${app} is ${state}. ${detail}`);
    this.#state = state;
  }

  /** @param {string} text */
  #say(text) {
    setText(byId("announcer", HTMLElement), text);
  }
}

/**
 * @template T
 * @param {readonly T[]} items
 * @returns {T[]}
 */
function withoutDoubles(items) {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

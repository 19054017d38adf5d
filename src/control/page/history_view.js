import { byId, el, idNode, lineText, show, signOf, unseen } from "./dom.js";
import { clock, duration } from "./format.js";
import { stepNode } from "./roll_view.js";
import { agoTime } from "./times.js";
import { outcomeLook, triggerWord } from "./words.js";
/** @import { HistoryEntry, RollDetails } from "../operator.ts" */
/** @import { LoggedEvent } from "../../roll/logged_event.ts" */
/** @import { Child } from "./dom.js" */

/**
 * The rolls, newest first; each can be opened. What is open stays open when others come.
 */
export class HistoryView {
  #list = byId("history", HTMLElement);
  /** @type {Map<number, Row>} */
  #rows = new Map();
  #load;
  #goBack;

  /**
   * @param {(id: number) => Promise<RollDetails>} load
   * @param {(id: string) => void} goBack Asked for by a button in an open row.
   */
  constructor(load, goBack) {
    this.#load = load;
    this.#goBack = goBack;
  }

  /** @param {readonly HistoryEntry[]} entries */
  draw(entries) {
    const rows = entries.map((entry) => this.#row(entry));
    this.#rows = new Map(rows.map((row, n) => [entries[n]?.id ?? 0, row]));
    byId("history-empty", HTMLElement).hidden = rows.length > 0;
    placeInOrder(this.#list, rows.map(({ node }) => node));
  }

  /** @param {HistoryEntry} entry */
  #row(entry) {
    const row = this.#rows.get(entry.id) ?? new Row(entry.id, this.#load, this.#goBack);
    row.draw(entry);
    return row;
  }
}

/** One roll. */
class Row {
  #summary = el("summary", {});
  #body = el("div", { class: "entry-body" });
  #details = el("details", {}, this.#summary, this.#body);
  node = el("li", { class: "entry" }, this.#details);
  #id;
  #load;
  #goBack;

  /**
   * @param {number} id
   * @param {(id: number) => Promise<RollDetails>} load
   * @param {(id: string) => void} goBack
   */
  constructor(id, load, goBack) {
    this.#id = id;
    this.#load = load;
    this.#goBack = goBack;
    this.#details.addEventListener("toggle", () => this.#fill());
  }

  /** @param {HistoryEntry} entry */
  draw(entry) {
    show(this.#summary, entry, () => summary(entry));
    if (this.#details.open) this.#fill();
  }

  async #fill() {
    if (!this.#details.open) return;
    try {
      const details = await this.#load(this.#id);
      show(this.#body, details, () => rollBody(details, this.#goBack));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      show(this.#body, text, () => [el("p", { class: "problem" }, text)]);
    }
  }
}

/**
 * @param {HistoryEntry} entry
 * @returns {Child[]}
 */
function summary({ id, at, trigger, from, to, outcome, durationMs, detail }) {
  const { sign, tone, word } = outcomeLook(outcome);
  const cause = [el("span", { class: "cause" }, triggerWord(trigger)), " · ", agoTime(at)];
  return [
    el("span", { class: "entry-sign", "data-tone": tone }, signOf(sign), unseen(`${word}: `)),
    el("span", { class: "entry-main" }, idNode(to), from === null ? null : cameFrom(from)),
    el("span", { class: "entry-time" }, durationMs === null ? "…" : duration(durationMs)),
    el("span", { class: "entry-note" }, `#${id} · `, ...cause),
    outcome === "succeeded" || detail === "" ? null : el("span", { class: "entry-reason" }, detail),
  ];
}

/** @param {string} from */
function cameFrom(from) {
  return el("span", { class: "entry-from" }, " from ", idNode(from));
}

/**
 * @param {RollDetails} details
 * @param {(id: string) => void} goBack
 * @returns {Child[]}
 */
function rollBody({ phases, lastLines, events, detail, outcome, to }, goBack) {
  const steps = phases.map(({ name, outcome: state, startedAt, durationMs }) =>
    stepNode({ name, state, startedAt, durationMs })
  );
  return [
    detail === "" ? null : el("p", { class: "reason" }, detail),
    steps.length === 0 ? null : el("ol", { class: "steps small" }, ...steps),
    ...titled("Last lines", lastLines.map((line) => el("li", {}, lineText(line)))),
    ...titled("What happened", events.map(eventLine)),
    outcome === "succeeded" ? backButton(to, goBack) : null,
  ];
}

/**
 * @param {string} title
 * @param {HTMLElement[]} lines
 */
function titled(title, lines) {
  if (lines.length === 0) return [];
  const list = el("ol", { class: "lines short", tabindex: "0", "aria-label": title }, ...lines);
  return [el("h3", {}, title), list];
}

/**
 * What happened, with its time and how bad it is.
 *
 * @param {LoggedEvent} event
 */
export function eventLine({ at, level, message }) {
  const time = el("time", { datetime: at, title: at }, clock(new Date(at)));
  const bad = level === "warn" || level === "error";
  const mark = bad
    ? el("span", { class: "level", "data-tone": level === "warn" ? "warn" : "bad" }, `${level} `)
    : null;
  return el("li", {}, time, " ", mark, lineText(message));
}

/**
 * @param {string} id
 * @param {(id: string) => void} goBack
 */
function backButton(id, goBack) {
  const button = el("button", { type: "button", class: "quiet" }, "Go back to ", idNode(id));
  button.addEventListener("click", () => goBack(id));
  return button;
}

/**
 * Nodes that are where they belong are not touched: moving them would take the focus from them.
 *
 * @param {HTMLElement} list
 * @param {readonly HTMLElement[]} nodes
 */
function placeInOrder(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) {
    if (node instanceof HTMLElement && !wanted.has(node)) node.remove();
  }
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

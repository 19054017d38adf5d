import { byId, el, idNode, lineText, setText } from "./dom.js";
import { clock, plural } from "./format.js";
/** @import { OutputLine } from "../operator.ts" */

/** More would only cost memory: the whole log is in the journal. */
const KEPT = 500;

/** So near to its end, a list is taken to be read at its end. */
const NEAR_PX = 40;

/** The last lines that instances printed; stands still while it is paused. */
export class OutputView {
  #list = byId("output", HTMLElement);
  #button = byId("output-pause", HTMLButtonElement);
  /** @type {OutputLine[]} Come, and not drawn yet. */
  #pending = [];
  #missed = 0;
  #paused = false;
  #scheduled = false;
  /** What is drawn is to be replaced by what is pending. */
  #isStale = false;

  constructor() {
    this.#button.addEventListener("click", () => this.#toggle());
    this.#tellNote();
  }

  /** @param {OutputLine} line */
  add(line) {
    this.#pending.push(line);
    if (this.#pending.length > KEPT) this.#pending.shift();
    this.#missed++;
    if (!this.#scheduled) this.#schedule();
  }

  /**
   * Begins anew; what is paused stays as it is, and gets these lines when it goes on.
   *
   * @param {readonly OutputLine[]} lines
   */
  reset(lines) {
    this.#isStale = true;
    this.#pending = lines.slice(-KEPT);
    this.#missed = 0;
    this.#draw();
  }

  #toggle() {
    this.#paused = !this.#paused;
    this.#button.setAttribute("aria-pressed", String(this.#paused));
    this.#missed = this.#pending.length;
    this.#draw();
  }

  #schedule() {
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw() {
    if (!this.#paused) this.#flush();
    this.#tellNote();
  }

  #flush() {
    const list = this.#list;
    if (this.#isStale) list.replaceChildren();
    this.#isStale = false;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    list.append(...this.#pending.map(lineNode));
    while (list.childElementCount > KEPT) list.firstElementChild?.remove();
    this.#pending = [];
    this.#missed = 0;
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  #tellNote() {
    const missed = this.#missed === 0 ? "nothing new" : `${plural(this.#missed, "new line")}`;
    const live = this.#list.childElementCount === 0 ? "nothing printed yet" : "live";
    setText(byId("output-note", HTMLElement), this.#paused ? `paused, ${missed}` : live);
  }
}

/** @param {OutputLine} line */
function lineNode({ at, id, port, stream, line }) {
  const time = el("time", { datetime: at, title: at }, clock(new Date(at)));
  const origin = el("span", { class: "origin", title: `${id} on port ${port}` }, idNode(id));
  const mark = stream === "stderr"
    ? el("span", { class: "level", title: "standard error" }, "err ")
    : null;
  return el("div", { "data-stream": stream }, time, " ", origin, " ", mark, lineText(line));
}

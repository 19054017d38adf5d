import { byId, setText, svg } from "./dom.js";
import { duration, plural, rate } from "./format.js";
import { niceCeiling } from "./scale.js";
import { now } from "./times.js";
/** @import { HistoryEntry, Operator } from "../operator.ts" */

/** @typedef {ReturnType<Operator["traffic"]>} Traffic */

const LEFT = 40;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 20;

/** The last minutes of traffic: a line for all requests, an area for the failed ones. */
export class TrafficView {
  #box = byId("traffic-chart", HTMLElement);
  /** @type {Traffic} */
  #traffic = { stepSeconds: 1, points: [] };
  /** @type {readonly HistoryEntry[]} */
  #rolls = [];

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.#box);
    this.#box.addEventListener("pointermove", ({ offsetX }) => this.#readOut(offsetX));
    this.#box.addEventListener("pointerleave", () => this.#readOut(null));
  }

  /** @param {Traffic} traffic */
  draw(traffic) {
    this.#traffic = traffic;
    this.#draw();
  }

  /** @param {readonly HistoryEntry[]} rolls Marked where they began. */
  mark(rolls) {
    this.#rolls = rolls;
    this.#draw();
  }

  #draw() {
    const summary = inWords(this.#traffic);
    setText(byId("traffic-summary", HTMLElement), summary);
    this.#box.hidden = this.#traffic.points.length === 0;
    const { clientWidth: width, clientHeight: height } = this.#box;
    if (width === 0) return;
    const size = { width: String(width), height: String(height) };
    const chart = svg("svg", { ...size, role: "img", "aria-label": summary });
    chart.append(...this.#inside(new Frame(this.#traffic, this.#box)));
    this.#box.replaceChildren(chart);
  }

  /** @param {Frame} frame */
  #inside(frame) {
    const { points } = this.#traffic;
    return [
      ...frame.grid(),
      ...this.#rolls.flatMap((roll) => frame.marker(roll)),
      svg("path", { class: "chart-fill", d: frame.area(points.map(({ total }) => total)) }),
      svg("path", { class: "chart-line", d: frame.line(points.map(({ total }) => total)) }),
      svg("path", { class: "chart-failed", d: frame.area(points.map(({ failed }) => failed)) }),
    ];
  }

  /** @param {number | null} x */
  #readOut(x) {
    const frame = new Frame(this.#traffic, this.#box);
    const text = x === null ? "" : frame.readOut(x);
    setText(byId("traffic-readout", HTMLElement), text);
  }
}

/** Where things are in a chart that fills a box. */
class Frame {
  #traffic;
  #width;
  #height;
  #top;

  /**
   * @param {Traffic} traffic
   * @param {HTMLElement} box
   */
  constructor(traffic, { clientWidth, clientHeight }) {
    this.#traffic = traffic;
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#top = niceCeiling(Math.max(...traffic.points.map(({ total }) => total), 0));
  }

  /** @param {readonly number[]} values */
  line(values) {
    const corners = values.map((value, n) =>
      `${this.#x(n).toFixed(1)},${this.#y(value).toFixed(1)}`
    );
    return corners.length === 0 ? "" : `M${corners.join("L")}`;
  }

  /** @param {readonly number[]} values */
  area(values) {
    if (!values.some((value) => value > 0)) return "";
    const end = this.#x(values.length - 1).toFixed(1);
    return `${this.line(values)}L${end},${this.#y(0)}L${this.#x(0).toFixed(1)},${this.#y(0)}Z`;
  }

  grid() {
    return [
      ...[0, this.#top / 2, this.#top].flatMap((value) => this.#level(value)),
      this.#label(LEFT, "start", `${whole(this.#traffic)} ago`),
      this.#label(this.#width - RIGHT, "end", "now"),
    ];
  }

  /**
   * A line where a roll began.
   *
   * @param {HistoryEntry} roll
   */
  marker({ id, at, to }) {
    const age = now() - Date.parse(at);
    if (age < 0 || age > this.#spanMs) return [];
    const x = (this.#right - (age / this.#spanMs) * (this.#right - LEFT)).toFixed(1);
    const line = svg("line", {
      class: "chart-roll",
      x1: x,
      x2: x,
      y1: "0",
      y2: String(this.#y(0)),
    });
    line.append(svg("title", {}, `Roll #${id} to ${to}`));
    return [line];
  }

  /** @param {number} x */
  readOut(x) {
    const { points, stepSeconds } = this.#traffic;
    const share = (x - LEFT) / (this.#right - LEFT);
    const index = Math.round(share * (points.length - 1));
    const point = points[index];
    if (point === undefined) return "";
    const ageMs = (points.length - 1 - index) * stepSeconds * 1_000;
    return `${ageMs === 0 ? "now" : `${duration(ageMs)} ago`}: ${pointInWords(point)}`;
  }

  get #right() {
    return this.#width - RIGHT;
  }

  get #spanMs() {
    return Math.max(1, this.#traffic.points.length - 1) * this.#traffic.stepSeconds * 1_000;
  }

  /** @param {number} index */
  #x(index) {
    const steps = Math.max(1, this.#traffic.points.length - 1);
    return LEFT + (index / steps) * (this.#right - LEFT);
  }

  /** @param {number} value */
  #y(value) {
    return TOP + (1 - value / this.#top) * (this.#height - TOP - BOTTOM);
  }

  /** @param {number} value */
  #level(value) {
    const y = this.#y(value).toFixed(1);
    const line = { class: "chart-grid", x1: String(LEFT), x2: String(this.#right), y1: y, y2: y };
    const text = {
      class: "chart-text",
      x: String(LEFT - 6),
      y,
      dy: "0.32em",
      "text-anchor": "end",
    };
    return [svg("line", line), svg("text", text, rate(value))];
  }

  /**
   * @param {number} x
   * @param {string} anchor
   * @param {string} text
   */
  #label(x, anchor, text) {
    const place = { x: String(x), y: String(this.#height - 5), "text-anchor": anchor };
    return svg("text", { class: "chart-text", ...place }, text);
  }
}

/** @param {Traffic} traffic */
function inWords({ points, stepSeconds }) {
  const last = points.at(-1);
  if (last === undefined) return "No traffic is known yet.";
  const failed = Math.round(points.reduce((sum, { failed }) => sum + failed, 0) * stepSeconds);
  const failures = failed === 0 ? "none" : plural(failed, "request");
  const minutes = whole({ points, stepSeconds });
  return `Now ${pointInWords(last)} In the last ${minutes} ${failures} failed.`;
}

/** @param {Traffic} traffic */
function whole({ points, stepSeconds }) {
  return duration(points.length * stepSeconds * 1_000);
}

/** @param {Traffic["points"][number]} point */
function pointInWords({ total, failed, p95Ms }) {
  const slow = p95Ms === null ? "" : `, 95 % answered within ${duration(p95Ms)}`;
  return `${rate(total)} requests/s, ${rate(failed)} failed/s${slow}.`;
}

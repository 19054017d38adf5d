import { byId, el, setText, show, signOf } from "./dom.js";
import { ago } from "./format.js";
import { now } from "./times.js";
import { stateLook } from "./words.js";
/** @import { Status } from "../operator.ts" */
/** @import { ConnectionState } from "./types.ts" */

/** As on the page, in both themes readable on a tab. */
const ICON_COLORS = {
  good: "#2da44e",
  busy: "#218bff",
  warn: "#d4a72c",
  bad: "#e5534b",
  none: "#8b949e",
};

/** @type {number | null} When the server was last heard of, on its own clock. */
let heardAt = null;

/** Something came from the server: what is shown holds. */
export function heard() {
  heardAt = now();
}

/**
 * State, what it means, and what everybody has to know.
 *
 * @param {Status} status
 */
export function drawHead(status) {
  const { sign, tone } = stateLook(status.state);
  const pill = byId("state", HTMLElement);
  pill.dataset["tone"] = tone;
  show(pill, status.state, () => [signOf(sign), status.state]);
  setText(byId("app", HTMLElement), status.app);
  setText(byId("detail", HTMLElement), status.detail);
  const running = status.current === null ? "" : ` ${status.current.id}`;
  document.title = `${status.state} · ${status.app}${running}`;
  byId("icon", HTMLLinkElement).href = icon(ICON_COLORS[tone]);
  drawBanners(status);
}

/**
 * Whether what is shown is what is.
 *
 * @param {ConnectionState} state
 */
export function drawConnection(state) {
  document.body.dataset["connection"] = state.name;
  byId("try-now", HTMLButtonElement).hidden = state.name !== "lost";
  setText(byId("connection-text", HTMLElement), connectionText(state));
}

/** @param {ConnectionState} state */
function connectionText(state) {
  if (state.name === "live") return "● Live";
  if (state.name === "locked") return "◼ Locked";
  if (state.name === "connecting") {
    return heardAt === null ? "Connecting …" : `${stale()}Connecting …`;
  }
  const seconds = Math.max(0, Math.ceil((state.retryAt - Date.now()) / 1_000));
  return `▲ Connection lost. ${stale()}${state.detail} Next attempt in ${seconds} s.`;
}

function stale() {
  return heardAt === null ? "" : `Last known ${ago(now() - heardAt)}. `;
}

/** @param {Status} status */
function drawBanners({ stateProblem, dataProblem, settings: { held, maintenance } }) {
  show(byId("banners", HTMLElement), [stateProblem, dataProblem, held, maintenance], () => [
    stateProblem === null ? null : banner("bad", "▲", `Not durable: ${stateProblem}`),
    dataProblem === null ? null : banner("bad", "▲", `Nothing is started: ${dataProblem}`),
    held ? banner("warn", "❚❚", "Requests are held: they wait until they are released.") : null,
    maintenance === null ? null : banner("warn", "⚒", maintenanceText(maintenance)),
  ]);
}

/** @param {string} message */
function maintenanceText(message) {
  const answer = "Maintenance: all requests are answered 503";
  return message === "" ? `${answer}.` : `${answer}, “${message}”.`;
}

/**
 * @param {string} tone
 * @param {string} sign
 * @param {string} text
 */
function banner(tone, sign, text) {
  return el("p", { class: "banner", "data-tone": tone }, signOf(sign), text);
}

/** @param {string} color */
function icon(color) {
  const drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>" +
    `<circle cx='8' cy='8' r='6' fill='${color}'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
}

import base from "./base.css" with { type: "text" };
import controls from "./controls.css" with { type: "text" };
import panels from "./panels.css" with { type: "text" };
import parts from "./parts.css" with { type: "text" };
import screens from "./screens.css" with { type: "text" };
import type { PageFile, PageFiles } from "../page_files.ts";
import actions from "./actions.js" with { type: "text" };
import actionsView from "./actions_view.js" with { type: "text" };
import api from "./api.js" with { type: "text" };
import coalesced from "./coalesced.js" with { type: "text" };
import connection from "./connection.js" with { type: "text" };
import decisionsView from "./decisions_view.js" with { type: "text" };
import dialog from "./dialog.js" with { type: "text" };
import dom from "./dom.js" with { type: "text" };
import format from "./format.js" with { type: "text" };
import headView from "./head_view.js" with { type: "text" };
import historyView from "./history_view.js" with { type: "text" };
import html from "./index.html" with { type: "text" };
import listsView from "./lists_view.js" with { type: "text" };
import main from "./main.js" with { type: "text" };
import messages from "./messages.js" with { type: "text" };
import nowView from "./now_view.js" with { type: "text" };
import outputView from "./output_view.js" with { type: "text" };
import page from "./page.js" with { type: "text" };
import rollView from "./roll_view.js" with { type: "text" };
import scale from "./scale.js" with { type: "text" };
import steps from "./steps.js" with { type: "text" };
import times from "./times.js" with { type: "text" };
import tokenForm from "./token_form.js" with { type: "text" };
import trafficView from "./traffic_view.js" with { type: "text" };
import words from "./words.js" with { type: "text" };

const STYLES = { base, controls, panels, parts, screens };

const SCRIPTS = {
  actions,
  actions_view: actionsView,
  api,
  coalesced,
  connection,
  decisions_view: decisionsView,
  dialog,
  dom,
  format,
  head_view: headView,
  history_view: historyView,
  lists_view: listsView,
  main,
  messages,
  now_view: nowView,
  output_view: outputView,
  page,
  roll_view: rollView,
  scale,
  steps,
  times,
  token_form: tokenForm,
  traffic_view: trafficView,
  words,
};

/** The status page, by path. Its files refer to each other, and to the API, by relative addresses. */
export const PAGE_FILES: PageFiles = new Map([
  ["/", { type: "text/html; charset=utf-8", body: html }],
  ...files(STYLES, "css", "text/css; charset=utf-8"),
  ...files(SCRIPTS, "js", "text/javascript; charset=utf-8"),
]);

function files(
  bodies: Readonly<Record<string, string>>,
  extension: string,
  type: string,
): [string, PageFile][] {
  return Object.entries(bodies).map(([name, body]) => [
    `/page/${name}.${extension}`,
    { type, body },
  ]);
}

/** @import { Status } from "../operator.ts" */
/** @import { Ask, Question } from "./types.ts" */

/**
 * @typedef {object} Action Something that a button asks for.
 * @property {string} key
 * @property {(status: Status) => string} label
 * @property {(status: Status) => string | null} obstacle Why it makes no sense now; null: it does.
 * @property {(status: Status) => Question | null} question What is asked before; null: nothing.
 * @property {(status: Status, text: string) => Ask} ask
 * @property {string} title What it does.
 */

const always = () => null;

/** @param {string} path @param {Readonly<Record<string, unknown>>} body @returns {Ask} */
const post = (path, body = {}) => ({ path: `v1/${path}`, body });

/** @type {readonly Action[]} */
export const ACTIONS = [
  {
    key: "update",
    title: "Asks the source, and rolls to what is new",
    label: () => "Update",
    obstacle: always,
    question: always,
    ask: () => post("update"),
  },
  {
    key: "rollback",
    title: "Goes back to the version before",
    label: () => "Roll back …",
    obstacle: ({ previous }) => previous === null ? "There is no version before." : null,
    question: (status) => rollbackQuestion(status, status.previous?.id ?? "the version before"),
    // The version is named: what has been confirmed is what is done.
    ask: ({ previous }) => rollbackTo(previous?.id ?? null),
  },
  {
    key: "pause",
    title: "Whether updates come by themselves",
    label: ({ settings }) => settings.paused ? "Resume updates" : "Pause updates",
    obstacle: always,
    question: always,
    ask: ({ settings }) => post(settings.paused ? "resume" : "pause"),
  },
  {
    key: "hold",
    title: "Whether requests wait",
    label: ({ settings }) => settings.held ? "Release requests" : "Hold requests …",
    obstacle: always,
    question: ({ app, settings }) => settings.held ? null : holdQuestion(app),
    ask: ({ settings }) => post(settings.held ? "release" : "hold"),
  },
  {
    key: "maintenance",
    title: "Whether requests are answered 503 with a message",
    label: ({ settings }) => settings.maintenance === null ? "Maintenance …" : "End maintenance",
    obstacle: always,
    question: ({ app, settings }) =>
      settings.maintenance === null ? maintenanceQuestion(app) : null,
    ask: ({ settings }, text) =>
      post("maintenance", { message: settings.maintenance === null ? text : null }),
  },
  {
    key: "retry",
    title: "Forgets all failures, empties the quarantine, and checks now",
    label: () => "Retry",
    obstacle: always,
    question: always,
    ask: () => post("retry"),
  },
];

/**
 * @param {string | null} id Null: the version before.
 * @returns {Ask}
 */
export function rollbackTo(id) {
  return post("rollback", id === null ? {} : { id });
}

/**
 * @param {Status} status
 * @param {string} id
 * @returns {Question}
 */
export function rollbackQuestion({ app, current }, id) {
  const leaving = current === null ? "" : ` ${current.id} is drained and stopped when it serves.`;
  return {
    title: `Roll back ${app}?`,
    text: `${id} is started and proven as in every roll.${leaving}`,
    ok: `Roll back to ${shortened(id)}`,
    field: null,
  };
}

/** @param {string} app @returns {Question} */
function holdQuestion(app) {
  return {
    title: `Hold the requests of ${app}?`,
    text: "Requests wait until you release them. Those that have waited too long are answered 503.",
    ok: "Hold requests",
    field: null,
  };
}

/** @param {string} app @returns {Question} */
function maintenanceQuestion(app) {
  return {
    title: `Maintenance of ${app}?`,
    text: "All requests are answered 503 with this message until you end the maintenance.",
    ok: "Begin maintenance",
    field: "Message",
  };
}

/** @param {string} id */
function shortened(id) {
  return id.length <= 24 ? id : `${id.slice(0, 23)}…`;
}

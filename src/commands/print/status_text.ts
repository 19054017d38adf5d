import type { HistoryEntry, InstanceStatus, SocketStatus, Status } from "../../control/operator.ts";
import { columnsOf, printable, shorten } from "./cell.ts";
import type { Paint } from "./paint.ts";
import { replicaRows } from "./replica_rows.ts";
import { localTime, since, span, until } from "./time.ts";

/** How a {@linkcode Status} is shown. */
export interface StatusTextOptions {
  paint: Paint;
  columns: number;
  /** Milliseconds since 1970. */
  now: number;
}

type Row = readonly [label: string, text: string];

const GOOD = ["serving", "rolling", "starting"];
const BAD = ["degraded", "stopped"];

/** The lines of `liveroll status`; `rolls` are the last ones, newest first. */
export function statusText(
  status: Status,
  rolls: readonly HistoryEntry[],
  { paint, columns, now }: StatusTextOptions,
): string[] {
  const rows = statusRows(status, now);
  const width = Math.max(...rows.map(([label]) => label.length));
  const room = columns - width - 2;
  const lines = rows.map(([label, text]) =>
    `${paint.dim(label.padEnd(width))}  ${emphasis(label, paint)(shorten(text, room))}`
  );
  return [
    headline(status, paint, columns),
    ...lines,
    ...rolls.map((roll, index) => {
      const label = paint.dim((index === 0 ? "last rolls" : "").padEnd(width));
      return `${label}  ${shorten(rollLine(roll, now), room)}`;
    }),
  ];
}

/** One roll on one line. */
export function rollLine(roll: HistoryEntry, now: number): string {
  const { id, at, trigger, from, to, outcome, durationMs, detail } = roll;
  const took = durationMs === null ? "" : ` in ${span(durationMs)}`;
  const passage = `${from === null ? "" : `${from} -> `}${to}`;
  const end = outcome === null ? "under way" : `${outcome.replaceAll("_", " ")}${took}`;
  const why = outcome === "succeeded" || detail === "" ? "" : `: ${detail}`;
  return printable(`#${id} ${since(at, now)} ago, ${trigger}: ${passage}, ${end}${why}`);
}

function headline({ app, state, detail }: Status, paint: Paint, columns: number): string {
  const name = shorten(printable(app), columns);
  const word = printable(state);
  const room = columns - columnsOf(name) - columnsOf(word) - 4;
  const rest = detail === "" ? "" : `: ${shorten(printable(detail), Math.max(room, 1))}`;
  return `${paint.bold(name)}  ${stateColor(state, paint)(word)}${rest}`;
}

function stateColor(state: string, paint: Paint): (text: string) => string {
  if (GOOD.includes(state)) return paint.green;
  return BAD.includes(state) ? paint.red : paint.yellow;
}

function emphasis(label: string, paint: Paint): (text: string) => string {
  if (label === "problem") return paint.red;
  return ["waiting", "quarantine", "settings"].includes(label) ? paint.yellow : (text) => text;
}

function statusRows(status: Status, now: number): Row[] {
  const { current, candidate, draining, requests, rolls } = status;
  const rows: Row[] = [
    ["current", current === null ? "nothing serves" : instance(current, now)],
    ...replicaRows(status, now),
    ...candidate === null ? [] : [["candidate", instance(candidate, now)] as const],
    ...draining.map((one): Row => ["draining", instance(one, now)]),
    ...rollRows(status, now),
    ...checkRows(status, now),
    ...status.quarantined.map(({ id, failures, retryAt, detail }): Row => [
      "quarantine",
      `${id}, ${count(failures, "failure")}, next try in ${
        until(retryAt, now)
      } at the earliest: ${detail}`,
    ]),
    ...settingRows(status),
    [
      "requests",
      `${requests.total} total, ${requests.failed} failed, ${requests.retried} retried, ` +
      `${requests.inFlight} in flight, ${requests.held} held`,
    ],
    [
      "rolls",
      `${rolls.succeeded} succeeded, ${rolls.failed} failed, ${rolls.rolledBack} rolled back, ` +
      `${rolls.interrupted} interrupted; ${count(status.crashes, "crash", "es")}`,
    ],
    ...[status.stateProblem, status.dataProblem ?? null].filter((problem) => problem !== null)
      .map((problem): Row => ["problem", problem]),
    ["listening", status.listen.join(", ")],
    ...socketRows(status),
    ["state dir", status.stateDir],
    [
      "liveroll",
      `${status.version}, pid ${status.pid}, up ${span(status.uptimeSeconds * 1000)}`,
    ],
  ];
  return rows.map(([label, text]) => [label, printable(text)]);
}

const ORIGINS: Record<SocketStatus["from"][number], string> = {
  systemd_socket: "from a .socket unit",
  server_starter: "from Server::Starter",
  store: "kept by the service manager",
  directory: "handed over",
  children: "taken back from children",
  bound: "opened here",
};

const PASSAGES: Record<SocketStatus["passedBy"][number], string> = {
  directory: "liveroll upgrade",
  systemd_socket: "the .socket unit",
  server_starter: "Server::Starter",
  store: "the service manager",
};

/** An older liveroll does not tell. */
function socketRows({ sockets }: Partial<Pick<Status, "sockets">>): Row[] {
  if (sockets === undefined || sockets.from.length === 0) return [];
  const from = [...new Set(sockets.from)].map((origin) => ORIGINS[origin] ?? origin);
  const ways = sockets.passedBy.map((way) => PASSAGES[way] ?? way);
  const next = ways.length === 0 ? "closed when it ends" : `passed on by ${ways.join(", ")}`;
  return [
    ["sockets", `${from.join(", ")}; ${next}`],
    ...sockets.problem === null ? [] : [["problem", sockets.problem] as const],
  ];
}

function instance({ id, pid, port, startedAt, healthySince }: InstanceStatus, now: number) {
  const health = healthySince === null
    ? `not healthy yet, started ${since(startedAt, now)} ago`
    : `up ${since(startedAt, now)}`;
  const place = port === 0 ? "" : `, port ${port}`;
  return `${id}, pid ${pid}${place}, ${health}`;
}

function rollRows({ roll, waiting, previous }: Status, now: number): Row[] {
  const rows: Row[] = [];
  if (roll !== null) {
    const phase = roll.phase === null ? "" : `, ${roll.phase}`;
    rows.push([
      "roll",
      `#${roll.id} to ${roll.to} (${roll.trigger})${phase}, ${since(roll.since, now)}`,
    ]);
  }
  if (waiting !== null) {
    const { id, obstacle, detail } = waiting;
    const end = waiting.until === null ? "" : `, until ${localTime(waiting.until)}`;
    rows.push([
      "waiting",
      `${id}, ${obstacle.replaceAll("_", " ")}${end}${detail === "" ? "" : `: ${detail}`}`,
    ]);
  }
  if (previous !== null) rows.push(["previous", previous.id]);
  return rows;
}

function checkRows({ lastCheck, nextCheckAt }: Status, now: number): Row[] {
  const next = nextCheckAt === null ? "" : `, next in ${until(nextCheckAt, now)}`;
  if (lastCheck === null) return next === "" ? [] : [["last check", `none yet${next}`]];
  const { at, outcome, detail } = lastCheck;
  const what = `${outcome}${detail === "" ? "" : `: ${detail}`}`;
  return [["last check", `${since(at, now)} ago${next}, ${what}`]];
}

function settingRows({ settings }: Status): Row[] {
  const { paused, pinned, skipped, held, maintenance } = settings;
  const on = [
    ...paused ? ["updates are paused"] : [],
    ...pinned === null ? [] : [`pinned to ${pinned}`],
    ...held ? ["requests are held"] : [],
    ...maintenance === null ? [] : [`maintenance: ${maintenance}`],
    ...skipped.length === 0 ? [] : [`skipped: ${skipped.join(", ")}`],
  ];
  return on.map((text, index) => [index === 0 ? "settings" : "", text]);
}

function count(value: number, noun: string, plural = "s"): string {
  return `${value} ${noun}${value === 1 ? "" : plural}`;
}

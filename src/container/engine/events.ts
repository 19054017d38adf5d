import { EngineUnreachableError } from "./engine_error.ts";
import { jsonLines } from "./json_lines.ts";
import type { Members } from "./members.ts";
import type { Transport } from "./transport.ts";

/** What happened to a container, as far as it matters to somebody who looks after it. */
const ACTIONS: Readonly<Record<string, EngineAction>> = {
  create: "created",
  start: "started",
  die: "died",
  // Podman's word.
  died: "died",
  oom: "out_of_memory",
  kill: "signalled",
  stop: "stopped",
  pause: "paused",
  unpause: "unpaused",
  restart: "restarted",
  rename: "renamed",
  update: "updated",
  destroy: "removed",
  // Podman's word.
  remove: "removed",
};

/** What happened to a container. `health` comes with its new state. */
export type EngineAction =
  | "created"
  | "started"
  | "died"
  | "out_of_memory"
  | "signalled"
  | "stopped"
  | "paused"
  | "unpaused"
  | "restarted"
  | "renamed"
  | "updated"
  | "removed"
  | "health";

/** Something that happened to a container. */
export interface EngineEvent {
  readonly action: EngineAction;
  /** Id of the container. */
  readonly id: string;
  readonly name: string;
  /** Of a container that died; else null. */
  readonly exitCode: number | null;
  /** Of its health check, for example `healthy`; of other events null. */
  readonly health: string | null;
  /** Labels of the container, among what the engine adds. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Which events are wanted. */
export interface EventFilter {
  /** `key=value` or `key`, all of which a container has to have. */
  readonly labels: readonly string[];
  /** Those since then come first, in milliseconds since 1970: what was missed. @default {none} */
  readonly since?: number;
}

/** As {@linkcode Engine.events}. */
export async function* readEvents(
  transport: Transport,
  { labels, since }: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  const filters = JSON.stringify({ type: ["container"], label: labels });
  const stream = transport.stream({
    what: "follow the events of the engine",
    method: "GET",
    path: "/events",
    query: { filters, since: since === undefined ? undefined : seconds(since) },
    signal,
    timeoutMs: null,
  });
  for await (const line of jsonLines(stream)) {
    const event = readEvent(line);
    // Podman takes any of the labels for enough.
    if (event !== null && hasAll(labels, event)) yield event;
  }
  const message = `the engine at ${transport.socket} ended its stream of events: it is stopping`;
  throw new EngineUnreachableError(message, "broken");
}

/** An event; null: none that matters. */
export function readEvent(line: Members): EngineEvent | null {
  const actor = line.object("Actor");
  const attributes = actor.textsByName("Attributes");
  const [word = "", detail = null] = line.text("Action").split(/: ?/);
  const isHealth = word === "health_status";
  const action = isHealth ? "health" : ACTIONS[word];
  if (action === undefined || line.text("Type") !== "container") return null;
  return {
    action,
    id: actor.text("ID"),
    name: attributes["name"] ?? "",
    exitCode: action === "died" ? exitCodeOf(attributes) : null,
    health: isHealth ? detail ?? attributes["health_status"] ?? "" : null,
    attributes,
    at: Math.floor(line.number("timeNano") / 1e6) || line.number("time") * 1000,
  };
}

function hasAll(labels: readonly string[], { attributes }: EngineEvent): boolean {
  return labels.every((label) => {
    const [key = "", value] = label.split(/=(.*)/s);
    return value === undefined ? attributes[key] !== undefined : attributes[key] === value;
  });
}

function exitCodeOf(attributes: Readonly<Record<string, string>>): number | null {
  const text = attributes["exitCode"] ?? attributes["containerExitCode"];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** With nanoseconds, as engines read it; a fraction in powers of ten would be rounded. */
function seconds(ms: number): string {
  const whole = Math.floor(ms / 1000);
  return `${whole}.${String(Math.floor(ms - whole * 1000) * 1_000_000).padStart(9, "0")}`;
}

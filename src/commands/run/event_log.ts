import type { Log } from "../../platform/log.ts";
import type { Exit } from "../../roll/effects.ts";
import type { InstanceRef, RollEvent, Trigger } from "../../roll/events.ts";

type Level = "debug" | "info" | "warn" | "error";

/** One event for people: how loud, and what it says. */
interface Line {
  level: Level;
  message: string;
}

const WHY: Record<Trigger, string> = {
  start: "first start",
  interval: "new version",
  forced: "forced",
  restart: "restart",
  crash: "after a crash",
};

/** Writes events to a log; machines read the `event` property and the event's own fields. */
export class EventLog {
  readonly #log: Log;
  readonly #lastSaid = new Map<string, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Takes one event; neither throws nor waits. */
  observe(event: RollEvent): void {
    const { level, message } = describe(event);
    const { type, ...facts } = event;
    this.#log[this.#isRepeated(event) ? "debug" : level](message, { event: type, ...facts });
  }

  /** What would be said again at every check or probe is said aloud once. */
  #isRepeated(event: RollEvent): boolean {
    for (const subject of settledBy(event)) this.#lastSaid.delete(subject);
    const trouble = troubleIn(event);
    if (trouble === null) return false;
    const { subject, gist } = trouble;
    const isKnown = this.#lastSaid.get(subject) === gist;
    this.#lastSaid.set(subject, gist);
    return isKnown;
  }
}

/** What is wrong with whom, in an event that may come again and again; null: it is always news. */
function troubleIn(event: RollEvent): { subject: string; gist: string } | null {
  switch (event.type) {
    case "check.quarantined":
      return { subject: "quarantine", gist: `${event.id} ${event.failures}` };
    case "check.failed":
      return { subject: "source", gist: event.detail };
    case "port.busy":
      return { subject: "port", gist: `${event.port} ${event.holder}` };
    case "probe.failed":
      return { subject: event.instance.key, gist: event.detail };
    default:
      return null;
  }
}

/** Whose trouble is over with an event: the next one is news, even if it is the same. */
function settledBy(event: RollEvent): string[] {
  switch (event.type) {
    case "check.unchanged":
    case "check.quarantined":
      return ["source"];
    case "roll.started":
      return event.trigger === "crash" || event.trigger === "restart" ? [] : ["source"];
    case "roll.candidate":
      return ["port"];
    case "instance.stopped":
      return [event.instance.key];
    default:
      return [];
  }
}

function describe(event: RollEvent): Line {
  switch (event.type) {
    case "state":
      return event.state === "stopping"
        ? info("Stopping: no new requests, what is under way may finish")
        : debug(`${event.state}: ${event.detail}`);
    case "check.started":
      return debug(`Looking for a version (${event.trigger})`);
    case "check.unchanged":
      return debug(`${event.id} is still the newest version`);
    case "check.failed":
      return { level: "warn", message: `The ${event.step} command failed: ${event.detail}` };
    case "check.quarantined":
      return warn(
        `${event.id} is in quarantine (${event.failures} failures), ` +
          `next try in ${seconds(event.retryInMs)}`,
      );
    case "check.unstable_id":
      return warn(
        "Every check names another id: does the id command print the time, or something random?",
      );
    case "port.busy":
      return warn(`Port ${event.port} is held by ${event.holder}, cannot start there`);
    case "roll.started":
      return info(
        `Roll ${event.roll} to ${event.to} began (${WHY[event.trigger]}` +
          `${event.from === null ? "" : `, from ${event.from}`})`,
      );
    case "roll.candidate":
      return info(`Roll ${event.roll}: ${name(event.instance)} started, pid ${event.instance.pid}`);
    case "probe.failed":
      return describeProbe(event);
    case "roll.switched":
      return info(`Roll ${event.roll}: requests go to ${name(event.instance)} now`);
    case "roll.succeeded":
      return info(`Roll ${event.roll} to ${event.id} succeeded in ${seconds(event.durationMs)}`);
    case "roll.failed":
      return { level: "error", message: describeFailure(event) };
    case "roll.interrupted":
      return info(`Roll ${event.roll} to ${event.id} was called off: ${event.reason}`);
    case "instance.exited":
      return {
        level: "error",
        message: withLines(
          `${name(event.instance)} ${how(event.exit)} while it served`,
          event.lastLines,
        ),
      };
    case "restart.scheduled":
      return describeRestart(event);
    case "drained":
      return {
        level: event.cut > 0 ? "warn" : "info",
        message: `${name(event.instance)} drained in ${seconds(event.durationMs)}: ` +
          `${event.finished} requests finished, ${event.cut} were cut`,
      };
    case "instance.stopped":
      return {
        level: event.outcome === "survived" ? "error" : "info",
        message: `${name(event.instance)}: ${event.outcome.replaceAll("_", " ")} ` +
          `after ${seconds(event.durationMs)}`,
      };
  }
}

/** Refused connections are how every start begins. */
function describeProbe({ instance, detail }: Extract<RollEvent, { type: "probe.failed" }>): Line {
  const level = detail === "connection refused" ? "debug" : "info";
  return { level, message: `${name(instance)} is not healthy yet: ${detail}` };
}

function describeFailure(event: Extract<RollEvent, { type: "roll.failed" }>): string {
  const next = event.retryInMs === null
    ? ""
    : `; next try in ${seconds(event.retryInMs)}, on a new id or on SIGHUP`;
  return withLines(
    `Roll ${event.roll}: ${event.id} refused, ${event.detail}${next}`,
    event.lastLines,
  );
}

function describeRestart(event: Extract<RollEvent, { type: "restart.scheduled" }>): Line {
  const next = event.inMs === 0 ? "starting it again" : `next start in ${seconds(event.inMs)}`;
  return event.crashLoop
    ? {
      level: "error",
      message: `Crash loop: ${event.id} failed ${event.crashes} times in a row, ${next}`,
    }
    : warn(`${event.id} is down, ${next}`);
}

function withLines(message: string, lines: readonly string[]): string {
  if (lines.length === 0) return message;
  return [`${message}. Its last lines:`, ...lines].join("\n");
}

function how({ code, signal }: Exit): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}

function name({ id, port }: InstanceRef): string {
  return `${id}@${port}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)}s`;
}

function debug(message: string): Line {
  return { level: "debug", message };
}

function info(message: string): Line {
  return { level: "info", message };
}

function warn(message: string): Line {
  return { level: "warn", message };
}

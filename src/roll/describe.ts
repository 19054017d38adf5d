import { type Exit, UNKNOWN_EXIT } from "./instance.ts";
import type {
  CheckStep,
  InstanceRef,
  Obstacle,
  RollEvent,
  SettingChange,
  Trigger,
} from "./events.ts";

/** How loud something is told. */
export type Level = "debug" | "info" | "warn" | "error";

/** One event for people: how loud, and what it says. */
export interface Line {
  level: Level;
  message: string;
}

/** What was asked in a step of a check; a registry is no command. */
export function stepName(step: CheckStep): string {
  return step === "registry" ? "registry" : `${step} command`;
}

const WHY: Record<Trigger, string> = {
  start: "first start",
  interval: "new version",
  forced: "forced",
  restart: "restart",
  crash: "after a crash",
  liveness: "it did not answer any more",
  command: "asked for",
  webhook: "webhook",
  rollback: "rollback",
  "automatic-rollback": "automatic rollback",
  pin: "pinned",
  retry: "retry",
};

const WAITS: Record<Obstacle, string> = {
  quarantined: "is in quarantine",
  skipped: "is skipped",
  paused: "has to wait",
  pinned: "has to wait",
  notify_only: "was found",
  window: "waits for its window",
  cooldown: "is too young",
};

const SETTINGS: Record<SettingChange, string> = {
  paused: "Updates are paused",
  resumed: "Updates go on",
  held: "Requests are held",
  released: "Requests are let go",
  maintenance_on: "Maintenance: requests are answered 503",
  maintenance_off: "Maintenance is over",
  pinned: "A version is pinned",
  unpinned: "No version is pinned any more",
  skipped: "A version is skipped",
};

/** Tells an event in one sentence; the last lines of a failed instance follow it. */
export function describe(event: RollEvent): Line {
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
      return { level: "warn", message: `The ${stepName(event.step)} failed: ${event.detail}` };
    case "check.quarantined":
      return warn(
        `${event.id} is in quarantine (${event.failures} failures), ` +
          `next try in ${seconds(event.retryInMs)} at the earliest`,
      );
    case "check.declined":
      return warn(`No check (${event.trigger}): ${event.detail}`);
    case "update.found":
      return describeFound(event);
    case "check.unstable_id":
      return warn(
        "Every check names another id: does the id command print the time, or something random?",
      );
    case "port.busy":
      return warn(`Port ${event.port} is held by ${event.holder}, cannot start there`);
    case "turn.waiting":
      return info(`Roll ${event.roll}: ${event.id} waits for its turn, ${event.detail}`);
    case "roll.started":
      return info(
        `Roll ${event.roll} to ${event.to} began (${WHY[event.trigger]}` +
          `${event.from === null ? "" : `, from ${event.from}`})`,
      );
    case "roll.phase":
      return debug(`Roll ${event.roll}: ${event.name}`);
    case "roll.phase_ended": {
      const { name, outcome, durationMs } = event.phase;
      return debug(`Roll ${event.roll}: ${name} ${outcome} after ${seconds(durationMs)}`);
    }
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
    case "roll.rolled_back":
      return {
        level: "error",
        message: withLines(
          `Roll ${event.roll}: ${event.id} was not well, ${event.detail}; back to ${event.to}`,
          event.lastLines,
        ),
      };
    case "hook.ended":
      return describeHook(event);
    case "quarantine.added":
      return info(`${event.id} is in quarantine for ${seconds(event.retryInMs)}`);
    case "quarantine.released":
      return info(`${event.id} may be tried again`);
    case "roll.interrupted":
      return info(`Roll ${event.roll} to ${event.id} was called off: ${event.reason}`);
    case "roll.skipped":
      return info(`Roll ${event.roll} to ${event.id} was called off: ${event.id} is skipped`);
    case "instance.exited":
      return {
        level: "error",
        message: withLines(
          `${name(event.instance)} ${howItEnded(event.exit)} while it served`,
          event.lastLines,
        ),
      };
    case "instance.unhealthy":
      return warn(
        `${name(event.instance)} does not answer: ${event.failures} probes in a row failed, ` +
          event.detail,
      );
    case "instance.recovered":
      return info(`${name(event.instance)} answers again`);
    case "container.died":
    case "container.back":
    case "container.set_aside":
    case "container.well_again":
    case "container.removed":
    case "container.sick":
    case "container.replaced":
      return describeContainer(event);
    case "containers.missing":
      return warn(`${name(event.instance)} lacks containers for a minute now: ${event.detail}`);
    case "containers.complete":
      return info(`${name(event.instance)} has all its containers again`);
    case "instance.warm":
      return info(`${name(event.instance)} is kept ready for ${seconds(event.forMs)}`);
    case "instance.adopted":
      return info(`${name(event.instance)} has gone on without us and serves again`);
    case "instance.leftover":
      return warn(`${name(event.instance)} was left over and is stopped: ${event.detail}`);
    case "instance.awaited":
      return warn(
        `${name(event.instance)} could not be ended and may still write to the data: nothing is ` +
          "started, or done to the data, before it is gone",
      );
    case "journal.failed":
      return {
        level: "error",
        message: `Nothing can be written down: ${event.detail}; what runs goes on, updates wait`,
      };
    case "journal.recovered":
      return info("Everything is written down again");
    case "setting":
      return info(SETTINGS[event.what] + (event.detail === "" ? "" : `: ${event.detail}`));
    case "request.ended":
      return debug(
        `Request ${event.request}: ${event.outcome}` +
          (event.detail === "" ? "" : `, ${event.detail}`),
      );
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

function describeFound({ id, from, waits }: Extract<RollEvent, { type: "update.found" }>): Line {
  const instead = from === null ? "" : `, ${from} runs`;
  if (waits === null) return info(`${id} was found${instead}`);
  const until = waits.until === null ? "" : `, until ${new Date(waits.until).toISOString()}`;
  return info(`${id} ${WAITS[waits.obstacle]}${until}: ${waits.detail}${instead}`);
}

function describeHook({ roll, hook, end }: Extract<RollEvent, { type: "hook.ended" }>): Line {
  const took = seconds(end.durationMs);
  if (end.outcome === "succeeded") return info(`Roll ${roll}: ${hook} hook done in ${took}`);
  const how = end.outcome === "timed_out" ? `timed out after ${took}` : `failed, code ${end.code}`;
  return warn(withLines(`Roll ${roll}: ${hook} hook ${how}`, end.lastLines));
}

function describeContainer(event: Extract<RollEvent, { container: string }>): Line {
  const { container, instance } = event;
  const say = (what: string) => `Container ${container} ${what} (${name(instance)})`;
  switch (event.type) {
    case "container.died": {
      const memory = event.outOfMemory ? ", it was out of memory" : "";
      return warn(say(`ended with code ${event.code}${memory}`));
    }
    case "container.back":
      return info(say("is back"));
    case "container.set_aside":
      return warn(say(`gets no requests: ${event.detail}`));
    case "container.well_again":
      return info(say("is well again"));
    case "container.removed":
      return warn(say("was removed"));
    case "container.sick":
      return warn(say("is not well: another one takes its place"));
    case "container.replaced":
      return info(say("takes the place of one that was lost"));
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
    : `; next try in ${seconds(event.retryInMs)} at the earliest, on a new id or on SIGHUP`;
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

/** How a process ended, to follow the name of who it was. */
export function howItEnded({ code, signal }: Exit): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === UNKNOWN_EXIT ? "ended" : `exited with code ${code}`;
}

function name({ id, port }: InstanceRef): string {
  return port === 0 ? id : `${id}@${port}`;
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

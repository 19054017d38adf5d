import { formatDuration } from "../values/duration.ts";
import { command, duration, type Kind, quote } from "../values/kinds.ts";
import type { HealthCheck } from "./config.ts";

const COMMAND = "exec:";
const TIMER = "timer:";
const TIME = duration();

/** How a child is asked: a path, or one of `tcp`, `notify`, `timer:TIME` and `exec:CMD`. */
export const healthCheck: Kind<HealthCheck> = {
  placeholder: "PATH",
  parse(text) {
    if (text === "tcp" || text === "notify") return { kind: text };
    if (text.startsWith(COMMAND)) {
      return { kind: "exec", command: command.parse(text.slice(COMMAND.length)) };
    }
    if (text.startsWith(TIMER)) {
      return { kind: "timer", aliveMs: TIME.parse(text.slice(TIMER.length)) };
    }
    return { kind: "http", path: parsePath(text) };
  },
};

/** Spells a check as {@linkcode healthCheck} reads it. */
export function formatHealthCheck(check: HealthCheck): string {
  switch (check.kind) {
    case "http":
      return check.path;
    case "exec":
      return COMMAND + check.command;
    case "timer":
      return TIMER + formatDuration(check.aliveMs);
    default:
      return check.kind;
  }
}

/** Path and query of a request; of a whole URL only these count. */
function parsePath(text: string): string {
  if (text === "") throw new SyntaxError("the path is empty, give for example /");
  if (/[^\x21-\x7e]/.test(text)) {
    throw new SyntaxError(
      `${quote(text)} has a character that a request line cannot carry, percent-encode it`,
    );
  }
  if (text.includes("#")) {
    throw new SyntaxError(`${quote(text)} has a fragment, remove # and what follows`);
  }
  return withSlash(pathOf(text));
}

function pathOf(text: string): string {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/[^/?]*(.*)$/i.exec(text) ?? [];
  if (scheme === undefined) return text;
  if (/^https?$/i.test(scheme)) return rest;
  throw new SyntaxError(`${quote(text)} is not an HTTP address, give a path such as /health`);
}

function withSlash(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

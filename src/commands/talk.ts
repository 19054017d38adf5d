import { appName } from "../config/app_kind.ts";
import type { ControlClient } from "../control/client/control_client.ts";
import { NoAnswerError, NotRunningError, RefusedError } from "../control/client/errors.ts";
import { findPlace, type Place } from "../control/client/place.ts";
import { directory, file, type Kind, quote } from "../values/kinds.ts";
import type { Io } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { type CommandFlag, type FlagValues, switchFlag } from "./flags.ts";
import { printable } from "./print/cell.ts";
import { printJson } from "./print/json.ts";
import type { Asked } from "./verb.ts";

const httpUrl: Kind<string> = {
  placeholder: "URL",
  parse(text) {
    const url = URL.parse(text);
    if (url !== null && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
    throw new SyntaxError(`${quote(text)} is not an address, give for example http://host:8090`);
  },
};

/** The flag of every command whose output can be read by machines. */
export const JSON_FLAG = { json: switchFlag("print JSON") } as const;

/** The flags of every command that talks to a running liveroll. */
export const TALK_FLAGS = {
  ...JSON_FLAG,
  "state-dir": flag(directory, "the application whose state is there"),
  "app": flag(appName, "the application whose state is in /var/lib/NAME"),
  "control-url": flag(httpUrl, "an application on another host"),
  "control-token-file": flag(file, "the token for --control-url"),
} as const;

/** What a command that talks works with. */
export interface Talk {
  readonly io: Io;
  readonly json: boolean;
  readonly client: ControlClient;
  readonly place: Place;
}

/**
 * Finds the application and runs `work`; explains what goes wrong.
 *
 * @returns The exit code.
 */
export async function talk(
  { io, values }: Asked<typeof TALK_FLAGS>,
  work: (talk: Talk) => Promise<number>,
): Promise<number> {
  const place = placeOf(values, io);
  if (place === null) return EXIT.usage;
  const { ControlClient } = await import("../control/client/control_client.ts");
  using client = new ControlClient(place.address);
  try {
    return await work({ io, json: values.json, client, place });
  } catch (error) {
    return complain(error, { io, json: values.json, place });
  }
}

/**
 * Tells people on standard error what went wrong, and machines on standard output.
 *
 * @returns The exit code.
 */
export function complain(
  error: unknown,
  { io, json, place }: Pick<Talk, "io" | "json" | "place">,
): number {
  const { exit, code, detail, hint } = explained(error, place);
  io.err(`liveroll: ${printable(detail)}`);
  if (hint !== null) io.err(hint);
  if (json) {
    printJson(io, error instanceof RefusedError ? error.problem : { code, detail });
  }
  return exit;
}

function placeOf(values: FlagValues<typeof TALK_FLAGS>, io: Io): Place | null {
  try {
    return findPlace(
      {
        stateDir: values["state-dir"],
        app: values.app,
        controlUrl: values["control-url"],
        controlTokenFile: values["control-token-file"],
      },
      io.env,
      io,
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    io.err(`liveroll: ${printable(error.message)}`);
    return null;
  }
}

/** What went wrong, for everybody. */
interface Explained {
  exit: number;
  code: string;
  detail: string;
  hint: string | null;
}

function explained(error: unknown, place: Place): Explained {
  if (error instanceof RefusedError) return refusal(error);
  if (error instanceof NotRunningError) return notRunning(error, place);
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof NoAnswerError) {
    return { exit: EXIT.timedOut, code: "timed_out", detail, hint: null };
  }
  return { exit: EXIT.failed, code: "failed", detail, hint: null };
}

function refusal({ problem, message }: RefusedError): Explained {
  const { code, status } = problem;
  if (code === "busy") return { exit: EXIT.busy, code, detail: `busy: ${message}`, hint: null };
  const exit = status === 400 ? EXIT.usage : EXIT.failed;
  return { exit, code, detail: message, hint: null };
}

function notRunning(error: NotRunningError, place: Place): Explained {
  const hint = place.isNamed
    ? `"liveroll ps" lists what runs on this host`
    : `Name the application with --app or --state-dir; "liveroll ps" lists what runs`;
  return {
    exit: EXIT.notRunning,
    code: "not_running",
    detail: `not running: ${error.message}`,
    hint: place.stateDir === null ? null : hint,
  };
}

function flag<T>(kind: Kind<T>, help: string) {
  return { kind, default: null, help } as const satisfies CommandFlag<T>;
}

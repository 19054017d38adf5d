import type { Status } from "../control/operator.ts";
import { ControlClient } from "../control/client/control_client.ts";
import { NotRunningError } from "../control/client/errors.ts";
import { placeIn } from "../control/client/place.ts";
import { recordedStateDirs, runningStateDirs } from "../control/client/running.ts";
import type { Io } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { printJson } from "./print/json.ts";
import { paintFor } from "./print/paint.ts";
import { table } from "./print/table.ts";
import { span } from "./print/time.ts";

const ANSWER_MS = 1_000;
const HEADS = ["APP", "STATE", "CURRENT", "UP", "PID", "LISTENS", "STATE DIR"];
const SHRINK = ["CURRENT", "LISTENS", "STATE DIR"].map((head) => HEADS.indexOf(head));

/** One application of this host. */
export interface Application {
  readonly app: string;
  readonly stateDir: string;
  /** Of a running liveroll, else why there is none. */
  readonly state: Status["state"] | "not running" | "no permission" | "no answer";
  /** Null: it could not be asked. */
  readonly status: Status | null;
}

/** Where to look; tests look elsewhere. */
export interface PsOptions {
  json: boolean;
  home?: string;
  running?: () => Promise<string[]>;
}

/** `liveroll ps`: all applications of this host, by their state directories. */
export async function ps(
  io: Io,
  { json, home = "/var/lib", running = runningStateDirs }: PsOptions,
): Promise<number> {
  const directories = [...await running(), ...await recordedStateDirs(home)];
  const applications = await Promise.all((await distinct(directories)).map(ask));
  if (json) printJson(io, applications);
  else if (applications.length === 0) io.out("nothing runs, and nothing has its state in /var/lib");
  else for (const line of linesOf(applications, io)) io.out(line);
  return EXIT.ok;
}

/** With `DynamicUser=` the state of a service is a link; and a directory may be mounted twice. */
async function distinct(directories: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (const directory of directories) {
    const it = await Deno.stat(directory).catch(() => null);
    const identity = it === null ? directory : `${it.dev}:${it.ino}`;
    if (!found.has(identity)) found.set(identity, directory);
  }
  return [...found.values()];
}

async function ask(stateDir: string): Promise<Application> {
  using client = new ControlClient(placeIn(stateDir).address);
  const app = stateDir.slice(stateDir.lastIndexOf("/") + 1);
  try {
    const status = await client.status({ timeoutMs: ANSWER_MS });
    return { app: status.app, stateDir, state: status.state, status };
  } catch (error) {
    return { app, stateDir, state: stateAfter(error), status: null };
  }
}

function stateAfter(error: unknown): "not running" | "no permission" | "no answer" {
  if (error instanceof NotRunningError) return "not running";
  if (error instanceof Deno.errors.PermissionDenied) return "no permission";
  return "no answer";
}

function linesOf(applications: readonly Application[], io: Io): string[] {
  const columns = io.stdout.columns();
  const [head = "", ...lines] = table(HEADS, applications.map(cells), { columns, shrink: SHRINK });
  return [paintFor(io, io.stdout).dim(head), ...lines];
}

function cells({ app, state, status, stateDir }: Application): string[] {
  return [
    app,
    state,
    status?.current?.id ?? "-",
    status === null ? "-" : span(status.uptimeSeconds * 1000),
    status === null ? "-" : String(status.pid),
    status === null ? "-" : status.listen.join(","),
    stateDir,
  ];
}

import { demultiplex } from "./demultiplex.ts";
import { linesOf, type LogLine } from "./logs.ts";
import { Members } from "./members.ts";
import type { Transport } from "./transport.ts";

/** A command to be run in a container. */
export interface ExecOptions {
  /** Program and arguments; a shell line is `["/bin/sh", "-c", line]`. */
  readonly command: readonly string[];
  /** `NAME=value`, in addition to what the container has. */
  readonly env?: readonly string[];
  /** @default {that of the container} */
  readonly user?: string;
  /** Hears what it prints. */
  readonly onLine?: (line: LogLine) => void;
}

/** How a command in a container ended. */
export interface ExecResult {
  /** 126 and 127: it could not be started. */
  readonly code: number;
  /** What it printed last that is not blank; else empty. */
  readonly lastLine: string;
}

/**
 * As {@linkcode Containers.run}. Engines have no call to end a command: when `signal` aborts, it
 * goes on unheard, and ends with its container at the latest.
 */
export async function runExec(
  transport: Transport,
  id: string,
  { command, env = [], user, onLine }: ExecOptions,
  signal: AbortSignal,
): Promise<ExecResult> {
  const what = `run ${command[0] ?? "nothing"} in container ${id}`;
  const created = new Members(
    await transport.ask({
      what,
      method: "POST",
      path: `/containers/${encodeURIComponent(id)}/exec`,
      body: {
        Cmd: command,
        Env: env,
        AttachStdout: true,
        AttachStderr: true,
        ...(user !== undefined && { User: user }),
      },
      signal,
    }),
  );
  const path = `/exec/${encodeURIComponent(created.text("Id"))}`;
  const body = { Detach: false, Tty: false };
  const pieces = transport.stream({
    what,
    method: "POST",
    path: `${path}/start`,
    body,
    signal,
    timeoutMs: null,
  });
  let lastLine = "";
  for await (const line of linesOf(demultiplex(pieces))) {
    onLine?.(line);
    lastLine = line.text.trim() || lastLine;
  }
  const ended = await transport.ask({ what, method: "GET", path: `${path}/json`, signal });
  return { code: new Members(ended).number("ExitCode"), lastLine };
}

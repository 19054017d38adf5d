/** What can go wrong with a call of compose. */
export const COMPOSE_FAILURES = ["missing", "failed", "killed", "timed_out", "too_long"] as const;

/** One of {@linkcode COMPOSE_FAILURES}; `missing`: the program itself. */
export type ComposeFailure = typeof COMPOSE_FAILURES[number];

/** Compose did not do what it was asked to. What it has done up to then stays. */
export class ComposeError extends Error {
  override readonly name = "ComposeError";
  /** The command: `up`, `pull` … */
  readonly action: string;
  readonly failure: ComposeFailure;
  /** The exit code; null unless it has `failed`. */
  readonly code: number | null;
  /** Its last lines, without secrets. */
  readonly lastLines: readonly string[];

  constructor(
    action: string,
    failure: ComposeFailure,
    { code = null, lastLines = [] }: { code?: number | null; lastLines?: readonly string[] } = {},
  ) {
    super(`Cannot run compose ${action}: ${explain(failure, code, lastLines)}`);
    this.action = action;
    this.failure = failure;
    this.code = code;
    this.lastLines = lastLines;
  }
}

function explain(failure: ComposeFailure, code: number | null, lines: readonly string[]): string {
  const detail = lines.findLast((line) => line.trim() !== "") ?? "";
  switch (failure) {
    case "missing":
      return "neither docker compose nor docker-compose can be found; install the plugin " +
        "docker-compose-plugin (or docker-compose-v2, or docker-compose)";
    case "timed_out":
      return "it did not come to an end in time";
    case "too_long":
      return "it prints more than a configuration can be";
    case "killed":
      return `it was killed${detail === "" ? "" : `: ${detail}`}`;
    case "failed":
      // Compose 1 reads a field that newer engines do not send any more.
      if (/KeyError: 'ContainerConfig'/.test(detail)) {
        return `docker-compose 1 cannot replace containers of this engine (${detail}); install ` +
          "docker compose 2";
      }
      return `exit code ${code}${detail === "" ? "" : `: ${detail}`}`;
  }
}

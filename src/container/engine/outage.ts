import { EngineUnreachableError } from "./engine_error.ts";

const NO_ENTRY = 2;
const NO_PERMISSION = 13;
const REFUSED = 111;

/** Why no connection came about; null: there was one. `fetch` says it in a sentence only. */
export function connectFailure(socket: string, error: unknown): EngineUnreachableError | null {
  const text = wholeMessage(error);
  if (!text.includes("(Connect)")) return null;
  const number = Number(/\(os error (\d+)\)/.exec(text)?.[1]);
  const cause = { cause: error };
  switch (number) {
    case NO_ENTRY:
      return new EngineUnreachableError(
        `there is no container engine at ${socket}: start Docker or podman.socket, ` +
          "or say where it is by DOCKER_HOST=unix:///PATH",
        "absent",
        cause,
      );
    case NO_PERMISSION:
      return new EngineUnreachableError(
        `permission denied on the engine's socket ${socket}: run as root or as a member of its group`,
        "forbidden",
        cause,
      );
  }
  const why = number === REFUSED ? "nobody listens" : text.slice(text.indexOf("(Connect)") + 9);
  return new EngineUnreachableError(`no container engine at ${socket}: ${why}`, "refused", cause);
}

function wholeMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  return `${error.message}: ${wholeMessage(error.cause)}`;
}

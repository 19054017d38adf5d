import type { Address } from "./transport.ts";

const SOCKET = "control.sock";
/** One of them is in every state directory: whoever runs there has a socket, whoever ran a journal. */
const SIGNS = [SOCKET, "liveroll.db"] as const;
const HOME_OF_APPS = "/var/lib";

/** What a person may say about where the application is; null: nothing. */
export interface PlaceOptions {
  readonly stateDir: string | null;
  readonly app: string | null;
  readonly controlUrl: string | null;
  readonly controlTokenFile: string | null;
}

/** Where an application is to be found. */
export interface Place {
  readonly address: Address;
  /** Null when it is on another host. */
  readonly stateDir: string | null;
  /** Whether somebody said so; otherwise it is a guess. */
  readonly isNamed: boolean;
}

/** What has to be known of files to find it. */
export interface PlaceFiles {
  /** @throws When the file cannot be read. */
  readFile(path: string): string;
  /** Whether something is there. */
  exists(path: string): boolean;
}

/**
 * Finds out where to ask: flags, then the environment, then the current directory, which may be a
 * state directory (that of a service is where it runs) or have one in it.
 *
 * @throws {SyntaxError} When the options contradict each other, or a token cannot be used.
 */
export function findPlace(
  options: PlaceOptions,
  env: Readonly<Record<string, string>>,
  files: PlaceFiles,
): Place {
  const { stateDir, app, controlUrl, controlTokenFile } = options;
  const named = { "--state-dir": stateDir, "--app": app, "--control-url": controlUrl };
  const given = Object.entries(named).flatMap(([name, value]) => value === null ? [] : name);
  if (given.length > 1) throw new SyntaxError(`give ${given.join(" or ")}, not both`);
  if (controlUrl !== null) {
    const token = controlTokenFile === null ? null : readToken(controlTokenFile, files);
    return { address: { kind: "url", url: controlUrl, token }, stateDir: null, isNamed: true };
  }
  if (controlTokenFile !== null) {
    throw new SyntaxError("--control-token-file goes with --control-url: sockets need no token");
  }
  if (app !== null) return placeIn(`${HOME_OF_APPS}/${app}`, true);
  const [service = ""] = (env["STATE_DIRECTORY"] ?? "").split(":");
  const directory = stateDir || service || env["LIVEROLL_STATE_DIR"] || "";
  if (directory !== "") return placeIn(directory);
  return placeIn(SIGNS.some((sign) => files.exists(`./${sign}`)) ? "." : "./.liveroll", false);
}

/** The socket of the application whose state is in `stateDir`. */
export function placeIn(stateDir: string, isNamed = true): Place {
  const directory = stateDir.replace(/(?<=.)\/+$/, "");
  const path = directory === "/" ? `/${SOCKET}` : `${directory}/${SOCKET}`;
  return { address: { kind: "socket", path }, stateDir: directory, isNamed };
}

function readToken(path: string, { readFile }: PlaceFiles): string {
  let text: string;
  try {
    text = readFile(path);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`--control-token-file: cannot read ${path}: ${detail}`, { cause });
  }
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new SyntaxError(`--control-token-file: ${path} holds no token: one line without spaces`);
}

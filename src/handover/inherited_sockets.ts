import { listenerNameOf } from "./descriptor_store.ts";

/** Where systemd puts the first socket. */
const FIRST_FD = 3;

/** A descriptor that this process was started with. */
export interface InheritedSocket {
  fd: number;
  /**
   * What the service manager calls it, or the listener that it was kept for; null when it has no
   * name.
   */
  name: string | null;
  /** The port that it was said to listen on; null when nothing was said. */
  port: number | null;
  /** The variable that told of it; `FDSTORE`: also `LISTEN_FDS`, but we had it kept for us. */
  from: "LISTEN_FDS" | "SERVER_STARTER_PORT" | "FDSTORE";
}

/** What {@linkcode inheritedSockets} takes from its surroundings. */
export interface InheritedSocketsOptions {
  /** Reads a variable. @default {Deno.env.get} */
  env?: (name: string) => string | undefined;
  /** Compared with `LISTEN_PID`. @default {Deno.pid} */
  pid?: number;
  /** Told of variables that cannot be meant for this process. */
  onWarning?: (message: string) => void;
}

const VARIABLES = [
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_PIDFDID",
  "LISTEN_FDNAMES",
  "SERVER_STARTER_PORT",
  "SERVER_STARTER_GENERATION",
] as const;

/**
 * The sockets that whoever started this process has opened for it: those of systemd (`LISTEN_FDS`)
 * first, those of Server::Starter (`SERVER_STARTER_PORT`) then.
 *
 * @throws {TypeError} When a variable cannot be understood.
 */
export function inheritedSockets(options: InheritedSocketsOptions = {}): InheritedSocket[] {
  const { env = (name) => Deno.env.get(name), pid = Deno.pid, onWarning = () => {} } = options;
  return [
    ...fromListenFds(env, pid, onWarning),
    ...fromServerStarter(env("SERVER_STARTER_PORT") ?? ""),
  ];
}

/**
 * As {@linkcode inheritedSockets}, once: the variables are removed, because what they say is not
 * true for our children. What reading the environment is not permitted for is not there.
 */
export function takeInheritedSockets(onWarning: (message: string) => void): InheritedSocket[] {
  const env = (name: string) => ifPermitted(() => Deno.env.get(name));
  const sockets = inheritedSockets({ env, onWarning });
  for (const name of VARIABLES) ifPermitted(() => Deno.env.delete(name));
  return sockets;
}

function ifPermitted<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function fromListenFds(
  env: (name: string) => string | undefined,
  pid: number,
  onWarning: (message: string) => void,
): InheritedSocket[] {
  const text = env("LISTEN_FDS") ?? "";
  if (text === "") return [];
  const count = wholeNumber("LISTEN_FDS", text, text);
  const meantFor = env("LISTEN_PID");
  if (Number(meantFor) !== pid) {
    const whom = meantFor === undefined ? "nobody (LISTEN_PID is not set)" : `process ${meantFor}`;
    onWarning(
      `LISTEN_FDS is for ${whom} and this is ${pid}: its sockets are left alone. ` +
        `A script that starts the program has to use exec`,
    );
    return [];
  }
  const names = (env("LISTEN_FDNAMES") ?? "").split(":");
  return Array.from({ length: count }, (_, i) => {
    const kept = listenerNameOf(names[i] ?? "");
    return {
      fd: FIRST_FD + i,
      name: kept ?? (names[i] || null),
      port: null,
      from: kept === null ? "LISTEN_FDS" : "FDSTORE",
    };
  });
}

/** `8080=3;127.0.0.1:8081=4`; what is no port is the path of a unix socket, which nobody asks for. */
function fromServerStarter(text: string): InheritedSocket[] {
  return text.split(";").filter(Boolean).map((entry) => {
    const equals = entry.lastIndexOf("=");
    const number = equals < 0 ? "" : entry.slice(equals + 1);
    const fd = wholeNumber("SERVER_STARTER_PORT", number, entry);
    const port = /(?:^|:)(\d+)$/.exec(entry.slice(0, Math.max(0, equals)))?.[1];
    return {
      fd,
      name: null,
      port: port === undefined ? null : Number(port),
      from: "SERVER_STARTER_PORT" as const,
    };
  });
}

function wholeNumber(variable: string, text: string, shown: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new TypeError(`Cannot use ${variable}: ${JSON.stringify(shown)} has no whole number`);
}

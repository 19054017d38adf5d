/** What is counted in a scenario. */
export type Unit = "requests" | "bytes" | "messages";

/** Which program answers. */
export type BackendKind = "http" | "echo";

/** One kind of load. */
export interface Scenario {
  /** For `--scenarios`. */
  id: string;
  title: string;
  backend: BackendKind;
  unit: Unit;
  connections: number;
  /** False: a new connection for each request. */
  keepAlive: boolean;
  path: string;
  /** Length of a body that is sent by POST; 0: GET without one. */
  uploadBytes: number;
  /** Length of the body that must come back. */
  answerBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The answer to a GET of `/` and to an upload. */
export const BODY = "hello from backend hello from backend hello from backend\n";

/** Where the larger bodies are, by path. */
export const LARGE_BODIES: Readonly<Record<string, number>> = {
  "/64k": 64 * KIB,
  "/10m": 10 * MIB,
};

/** Where a body may be sent by POST; it is read to its end before the answer. */
export const UPLOAD_PATH = "/upload";

/** Payload of a WebSocket message. */
export const MESSAGE_BYTES = 64;

/** What is measured, in this order. */
export const SCENARIOS: readonly Scenario[] = [
  small("keep-1", "Keep-alive, 1 connection", 1, true),
  small("keep-64", "Keep-alive, 64 connections", 64, true),
  small("keep-512", "Keep-alive, 512 connections", 512, true),
  small("new-1", "New connections, one after the other", 1, false),
  small("new-64", "New connections, 64 at a time", 64, false),
  small("new-512", "New connections, 512 at a time", 512, false),
  large("get-64k", "Answers of 64 KiB, 16 connections", "/64k", 16),
  large("get-10m", "Answers of 10 MiB, 4 connections", "/10m", 4),
  {
    ...small("post-1m", "Uploads of 1 MiB, 16 connections", 16, true),
    unit: "bytes",
    path: UPLOAD_PATH,
    uploadBytes: MIB,
  },
  {
    ...small("websocket", `WebSocket echo of ${MESSAGE_BYTES} bytes, 64 connections`, 64, true),
    backend: "echo",
    unit: "messages",
    path: "/ws",
    answerBytes: 0,
  },
];

function small(id: string, title: string, connections: number, keepAlive: boolean): Scenario {
  return {
    id,
    title,
    backend: "http",
    unit: "requests",
    connections,
    keepAlive,
    path: "/",
    uploadBytes: 0,
    answerBytes: BODY.length,
  };
}

function large(id: string, title: string, path: string, connections: number): Scenario {
  const answerBytes = LARGE_BODIES[path] ?? 0;
  return { ...small(id, title, connections, true), unit: "bytes", path, answerBytes };
}

/** Real HTTP servers behind the proxy, all of which tell what they saw. */
import { PortClaim } from "../../helpers/ports.ts";
import { until } from "../rig.ts";
import { Recorder, type Seen } from "./recorder.ts";

/** A running server. */
export interface Application {
  readonly name: string;
  readonly port: number;
  /**
   * Ends it.
   *
   * @returns Everything that it saw, in order, and what it must not have been sent.
   */
  finish(): Promise<{ seen: readonly Seen[]; faults: readonly string[] }>;
}

const APPS = new URL("apps/", import.meta.url).pathname;

/** Our own strict reader: what it sees is what was on the wire. */
export function startRecorder(): Application {
  const recorder = new Recorder();
  return {
    name: "recorder",
    port: recorder.port,
    async finish() {
      await recorder[Symbol.asyncDispose]();
      return { seen: recorder.records, faults: recorder.faults };
    },
  };
}

/** Node's `http`. */
export function startNode(): Promise<Application> {
  return startEcho("node", [`${APPS}echo.mjs`]);
}

/** Python's `http.server`. */
export function startPython(): Promise<Application> {
  return startEcho("python3", [`${APPS}echo.py`]);
}

/** nginx in front of a recorder: what it passes on is what it saw. */
export async function startNginx(): Promise<Application> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-nginx-" });
  const recorder = new Recorder();
  const claim = new PortClaim(1);
  const [port = 0] = claim.ports;
  const file = `${directory}/nginx.conf`;
  await Deno.writeTextFile(file, nginxConfig(directory, port, recorder.port));
  const nginx = new Deno.Command("nginx", {
    args: ["-p", directory, "-e", "stderr", "-c", file],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(() => connects(port), "nginx to listen");
  return {
    name: "nginx",
    port,
    async finish() {
      nginx.kill("SIGTERM");
      await nginx.status;
      await recorder[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
      claim[Symbol.dispose]();
      return { seen: recorder.records, faults: recorder.faults };
    },
  };
}

function nginxConfig(directory: string, port: number, recorderPort: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `${what}_temp_path ${directory}/${what};`).join(" ");
  return `worker_processes 1; daemon off; error_log /dev/null; pid ${directory}/pid;
events { worker_connections 256; }
http { access_log off; ${temporary}
server { listen 127.0.0.1:${port}; location / {
proxy_pass http://127.0.0.1:${recorderPort}; proxy_http_version 1.1; proxy_next_upstream off; } } }
`;
}

function connects(port: number): boolean {
  const table = Deno.readTextFileSync("/proc/net/tcp");
  return table.includes(`0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:`);
}

/** A program that prints its port, then one line for each request; it ends with its input. */
async function startEcho(name: string, args: string[]): Promise<Application> {
  const child = new Deno.Command(name, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines: string[] = [];
  const first = Promise.withResolvers<number>();
  const read = readLines(child.stdout, (line) => {
    lines.push(line);
    if (lines.length === 1) first.resolve(Number(line));
  });
  read.then(() => first.reject(new Error(`Cannot start ${name}: it ended`)));
  return {
    name,
    port: await first.promise,
    async finish() {
      await child.stdin.close();
      await child.status;
      await read;
      const seen = lines.slice(1).map((line) => ({ ...JSON.parse(line), names: null }));
      return { seen, faults: [] };
    },
  };
}

async function readLines(
  from: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of from) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
}

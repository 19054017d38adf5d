// A small versioned HTTP server that misbehaves on demand; see ../behaviour.ts.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import process from "node:process";
import { pipeline } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const dir = process.env.TOY_DIR ?? ".";
const version = process.env.LIVEROLL_ID ?? "none";
const ownPort = Number(process.env.PORT ?? "8000");
const host = process.env.TOY_HOST ?? "127.0.0.1";
const behaviour = readBehaviour();
const probes = { count: 0, url: "", host: "" };

const HOLDER = `
  const [port, ms] = process.argv.slice(1).map(Number);
  process.on("SIGTERM", () => {});
  if (port) require("http").createServer((_, res) => res.end("stranger")).listen(port, "127.0.0.1");
  console.log("holding");
  setTimeout(() => process.exit(0), ms);
`;

const ROUTES = {
  "/": (_request, response) => response.end(version),
  "/healthz": answerHealth,
  "/probes": (_request, response) => response.end(JSON.stringify(probes)),
  "/slow": async (_request, response, query) => {
    await sleep(Number(query.get("ms")));
    response.end(version);
  },
  "/latch": latch,
  "/sse": serverSentEvents,
  "/stream": streamBytes,
  "/upload": upload,
  "/pid": (_request, response) => response.end(`${process.pid}`),
  "/headers": ({ method, url, rawHeaders }, response) => {
    const headers = rawHeaders.flatMap((name, i) => i % 2 ? [] : [[name, rawHeaders[i + 1]]]);
    response.end(JSON.stringify({ method, url, headers }));
  },
  "/env": (_request, response) => response.end(JSON.stringify(process.env)),
  "/crash": (_request, _response, query) => process.exit(Number(query.get("code") ?? "1")),
  "/tally": tally,
};

for (let n = 0; n < (behaviour.flood?.lines ?? 0); n++) {
  console.log(`${n} `.padEnd(behaviour.flood.length, "x"));
}
if (behaviour.offspring) {
  await spawnHolder(0, 60_000, behaviour.offspring === "session", process.env);
}
if (behaviour.steal) await steal(behaviour.steal);
if (behaviour.startDelayMs) await sleep(behaviour.startDelayMs);
if (behaviour.crash) await crash(behaviour.crash);
const ports = [behaviour.bindInstead ?? ownPort, ...behaviour.alsoBind ?? []];
const servers = await Promise.all(ports.map(serve));
if (behaviour.exitAfterMs !== undefined) setTimeout(() => process.exit(0), behaviour.exitAfterMs);
obeyTerm();
console.log(`toy ${version} ready on ${ownPort}`);

function readBehaviour() {
  const name = version.replace(/[^A-Za-z0-9._-]/g, "_");
  try {
    return JSON.parse(readFileSync(`${dir}/behaviour/${name}.json`, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw error;
  }
}

async function crash({ code, lastWords, afterMs }) {
  for (const line of lastWords) console.error(line);
  await sleep(afterMs ?? 0);
  process.exit(code);
}

function steal({ port, ms }) {
  const { LIVEROLL_INSTANCE: _, ...env } = process.env;
  return spawnHolder(port, ms, true, { ...env, TOY_STRANGER: "1" });
}

function spawnHolder(port, ms, detached, env) {
  // A stranger is nobody's child: the shell that starts it ends at once.
  const shell = env.TOY_STRANGER ? '"$@" &' : 'exec "$@"';
  const args = ["-c", shell, "sh", process.execPath, "-e", HOLDER, `${port}`, `${ms}`];
  const holder = spawn("sh", args, {
    detached,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  holder.unref();
  return new Promise((resolve) => {
    holder.stdout.once("data", () => {
      holder.stdout.destroy();
      resolve();
    });
  });
}

function serve(port) {
  const server = createServer(handle);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

async function handle(request, response) {
  const url = new URL(request.url, "http://toy");
  response.setHeader("x-version", version);
  const nonce = request.headers["x-nonce"];
  if (nonce !== undefined) response.setHeader("x-nonce", nonce);
  const route = ROUTES[url.pathname];
  if (route) return await route(request, response, url.searchParams);
  response.writeHead(404).end("not found");
}

function answerHealth(request, response) {
  const health = behaviour.health ?? {};
  probes.count++;
  probes.url = request.url;
  probes.host = request.headers.host;
  const hangFirst = health.hangFirst ?? 0;
  if (hangFirst < 0 || probes.count <= hangFirst) return;
  if (probes.count <= (health.failFirst ?? 0)) return response.writeHead(500).end("not yet");
  if (health.onlyHost && probes.host !== health.onlyHost) return response.writeHead(421).end();
  if (health.redirectTo) return response.writeHead(302, { location: health.redirectTo }).end();
  if (health.exitAfterMs !== undefined) setTimeout(() => process.exit(1), health.exitAfterMs);
  response.writeHead(health.status ?? 200).end("health");
}

async function latch(_request, response, query) {
  const conn = connect(Number(query.get("port")), "127.0.0.1");
  conn.write(`${version} ${process.pid}\n`);
  if (query.has("head")) response.write("begun ");
  await new Promise((resolve) => conn.once("data", resolve).once("close", resolve));
  conn.on("error", () => {}).destroy();
  response.end(version);
}

function serverSentEvents(_request, response, query) {
  response.setHeader("content-type", "text/event-stream");
  let count = 0;
  const send = () => response.write(`data: ${version} ${count++}\n\n`);
  send();
  const timer = setInterval(send, Number(query.get("every") ?? "50"));
  response.once("close", () => clearInterval(timer));
}

// Byte i of the body is i mod 251, so that a reader can check every one of them.
function streamBytes(_request, response, query) {
  const total = Number(query.get("bytes"));
  response.setHeader("content-length", total);
  pipeline(pieces(total, Number(query.get("pause") ?? "0")), response, () => {});
}

async function* pieces(total, pauseMs) {
  for (let sent = 0; sent < total;) {
    const size = Math.min(16_384, total - sent);
    yield Uint8Array.from({ length: size }, (_, i) => (sent + i) % 251);
    sent += size;
    if (pauseMs > 0) await sleep(pauseMs);
  }
}

async function upload(request, response) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  response.end(JSON.stringify({ version, bytes, sha256: hash.digest("hex") }));
}

function tally(request, response, query) {
  request.resume().once("end", () => {
    appendFileSync(`${dir}/tally-${query.get("name")}`, `${version}\n`);
    if (query.has("crash")) process.exit(1);
    response.end(version);
  });
}

function obeyTerm() {
  const mode = behaviour.onTerm ?? "drain";
  if (mode === "default") return;
  process.on("SIGTERM", () => {
    console.log(`toy ${version} got TERM`);
    if (mode === "drain") void drain();
  });
}

async function drain() {
  await sleep(behaviour.termDelayMs ?? 0);
  await Promise.all(servers.map((server) => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    return closed;
  }));
  process.exit(0);
}

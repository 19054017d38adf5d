// Accepts from the socket that it is given; its version says how it behaves. For Node and for Deno.
import { createServer } from "node:http";
import { createServer as createAcceptor } from "node:net";
import process from "node:process";

/** So long clients may use the connections that they have, in milliseconds. */
const IDLE_GRACE_MS = 2_000;
const { LIVEROLL_ID: version, LIVEROLL_HEALTHCHECK: health, PORT, ...env } = process.env;

function publicSocket() {
  if (env.LISTEN_PID === `${process.pid}`) return 3;
  const [first] = (env.SERVER_STARTER_PORT ?? "").split(";");
  return first ? Number(first.slice(first.lastIndexOf("=") + 1)) : null;
}

const fd = publicSocket();
if (fd === null) {
  console.error("no socket was passed");
  process.exit(1);
}
if (version.startsWith("dies")) process.exit(7);
if (version.startsWith("hangs")) await new Promise((end) => setTimeout(end, 600_000));

let draining = false;
const server = createServer((request, response) => {
  if (draining) response.setHeader("connection", "close");
  const nonce = request.headers["x-nonce"];
  response.writeHead(200, { "x-version": version, ...(nonce && { "x-nonce": nonce }) });
  response.end(version);
});
// Whoever closes a server of node:http ends its idle connections, and with them the requests that
// are on their way. So another one accepts; this one has to think that it listens.
Object.defineProperty(server, "listening", { value: true });
server.emit("listening");
const acceptor = createAcceptor((socket) => server.emit("connection", socket));
acceptor.listen({ fd }, () => {
  if (!health.startsWith("/")) return;
  createServer((_request, response) => response.end("well\n")).listen(Number(PORT), "127.0.0.1")
    .unref();
});
process.on("SIGTERM", () => {
  draining = true;
  acceptor.close();
  setTimeout(() => server.closeIdleConnections(), IDLE_GRACE_MS).unref();
  if (version.startsWith("deaf")) setTimeout(() => {}, 600_000);
});

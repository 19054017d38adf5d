// Accepts from the socket that it is given; its version says how it behaves. For Node and for Deno.
import { createServer } from "node:http";
import process from "node:process";

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

const server = createServer((request, response) => {
  const nonce = request.headers["x-nonce"];
  const headers = { connection: "close", "x-version": version, ...(nonce && { "x-nonce": nonce }) };
  response.writeHead(200, headers).end(version);
});
server.listen({ fd }, () => {
  if (!health.startsWith("/")) return;
  createServer((_request, response) => response.end("well\n")).listen(Number(PORT), "127.0.0.1")
    .unref();
});
process.on("SIGTERM", () => {
  server.close();
  if (version.startsWith("deaf")) setTimeout(() => {}, 600_000);
});

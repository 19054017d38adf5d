// The same small server whichever way it comes to its socket: by a descriptor that it was given, or
// by binding the port itself.
import { createServer } from "node:http";
import process from "node:process";

const body = process.env.BENCH_BODY ?? "hello\n";
const fd = /=(\d+)$/.exec(process.env.SERVER_STARTER_PORT ?? "")?.[1];
const place = { host: "127.0.0.1", port: Number(process.env.PORT), backlog: 4096 };

const server = createServer((_request, response) => response.end(body))
  .listen(fd === undefined ? place : { fd: Number(fd) });
process.on("SIGTERM", () => server.close());

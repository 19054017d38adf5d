/**
 * A control server with as few file descriptors as its parent allows. Prints its port, and then
 * every error.
 *
 * Argument: the path of its socket.
 */
import { startControl } from "../../src/control/server.ts";
import { FakeOperator } from "../unit/control/fake_operator.ts";

// As liveroll has long done when clients come: Deno panics if it has no file descriptor left for this.
Deno.addSignalListener("SIGTERM", () => Deno.exit());

const server = await startControl({
  operator: new FakeOperator(),
  socketPath: Deno.args[0] ?? null,
  listen: { host: "127.0.0.1", port: 0 },
  token: null,
  webhookSecret: null,
  page: null,
  onError: (error) => console.log(String(error)),
});
console.log(server.addr?.port);

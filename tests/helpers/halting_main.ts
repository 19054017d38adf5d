/**
 * The real program, but a successor stands still as soon as it has the sockets of who serves: until
 * somebody sends it SIGCONT, and once.
 */
import { systemIo } from "../../src/commands/command.ts";
import { main } from "../../src/commands/mod.ts";
import { UnixConnection } from "../../src/handover/unix_connection.ts";

const receive = UnixConnection.prototype.receive;

UnixConnection.prototype.receive = async function (this: UnixConnection, waitMs: number) {
  const received = await receive.call(this, waitMs);
  if (typeof received !== "string" && received.fds.length > 0) Deno.kill(Deno.pid, "SIGSTOP");
  return received;
};

Deno.exit(await main(Deno.args, systemIo()));

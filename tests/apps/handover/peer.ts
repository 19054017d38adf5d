// Plays one side of a hand-over by hand, up to a step, and dies there of SIGKILL, or hangs. It
// speaks a later version of the protocol, with keys that nobody knows yet.
import { CoordinationDirectory } from "../../../src/handover/coordination_directory.ts";
import { Door } from "../../../src/handover/door.ts";
import { Listener } from "../../../src/handover/listener.ts";
import type { HandoverMessage } from "../../../src/handover/messages.ts";
import { handoverMeans } from "../../../src/handover/means.ts";
import type { OwnerConnection } from "../../../src/handover/owner_connection.ts";
import { arrive } from "../../../src/handover/successor.ts";
import { plan, say } from "./plan.ts";

/** Where a peer can die or hang, in order, for each side. */
export const SUCCESSOR_STEPS = ["fds", "ready", "paused", "locked", "accepting"] as const;
export const OWNER_STEPS = ["fds", "ready", "pausing", "paused"] as const;

/** What a peer is told, as JSON in its second argument. */
export interface Script {
  side: "owner" | "successor";
  step: typeof SUCCESSOR_STEPS[number] | typeof OWNER_STEPS[number];
  end: "die" | "hang";
}

const HERE = "127.0.0.1";
const TIMES = { waitMs: 20_000, answerTimeoutMs: 20_000 };

if (import.meta.main) {
  const script: Script = JSON.parse(Deno.args[1] ?? "{}");
  const reached = async (step: Script["step"]) => {
    if (step !== script.step) return;
    say(`at ${step}`);
    if (script.end === "die") Deno.kill(Deno.pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  };
  if (script.side === "successor") await succeed(reached);
  else await own(reached);
}

async function succeed(reached: (step: Script["step"]) => Promise<void>): Promise<void> {
  const { libc, descriptors } = full();
  const directory = new CoordinationDirectory(plan().dir);
  const { connection, handed } = await arrive(libc, directory, TIMES);
  await reached("fds");
  connection?.send(later({ type: "READY", id: "peer" }));
  await reached("ready");
  await connection?.receive(TIMES.answerTimeoutMs);
  await reached("paused");
  directory.ownerLock.tryTake();
  await reached("locked");
  const [{ name, fd, ...address } = { name: "", fd: -1, hostname: "", port: 0 }] = handed;
  const listener = Listener.adopt({ name, address, options: {}, descriptors }, fd, {
    origin: "directory",
    activated: false,
  });
  await listener.resume();
  await reached("accepting");
}

async function own(reached: (step: Script["step"]) => Promise<void>): Promise<void> {
  const { libc, descriptors } = full();
  const address = { hostname: HERE, port: plan().port };
  const directory = new CoordinationDirectory(plan().dir);
  directory.ownerLock.tryTake();
  const listener = await Listener.bind({ name: "http", address, options: {}, descriptors });
  await Door.open(directory.nextSocketPath, descriptors, lend);
  directory.publish();
  say("ready");

  async function lend(connection: OwnerConnection): Promise<void> {
    const sockets = [{ name: "http", ...address, backlog: 7 }];
    connection.sendWith(libc, later({ type: "FDS", id: "peer", sockets }), [listener.duplicate()]);
    await reached("fds");
    await connection.receive(TIMES.answerTimeoutMs);
    await reached("ready");
    directory.ownerLock.release();
    await reached("pausing");
    connection.sendWith(libc, later({ type: "PAUSED" }), []);
    await reached("paused");
  }
}

function full() {
  const means = handoverMeans();
  if (means.libc === null) throw new TypeError(means.mode.why);
  return means;
}

function later(message: HandoverMessage): HandoverMessage {
  const novelty = { version: 9, novelty: { any: ["thing"] } };
  return { ...message, ...novelty };
}

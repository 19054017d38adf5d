import type { NotifySocket } from "../handover/notify_socket.ts";
import { AdoptedGroup } from "../platform/adopted_group.ts";
import { Elsewhere } from "../platform/elsewhere.ts";
import type { InstanceRecord, InstanceStage } from "../roll/journal.ts";
import { childSocket } from "./child_socket.ts";
import { endLeftCommands } from "./instance_commands.ts";
import { instanceEnvironment } from "./instance_environment.ts";
import { misfitOf } from "./misfit.ts";
import type { ProcessRuntimeOptions } from "./process.ts";
import { ProcessInstance } from "./process_instance.ts";

/** Stages that an instance reaches without having been found healthy. */
const UNPROVEN: ReadonlySet<InstanceStage> = new Set(["starting", "candidate"]);

/**
 * Finds what is left of an instance that a former life of liveroll has started: its process if that
 * still is the same one, others of its group, and whoever carries its token. Null: nothing.
 *
 * With a stop command the application may live elsewhere, and nobody can say from here that it does
 * not. Then there always is something to stop, if only by that command: it has ended (`exit` is
 * set) if nobody listens on its port, and its `pid` is 0.
 *
 * Commands that were run beside it (probes) and still hang are ended: nobody waits for them.
 * Its lines and the status of its exit are lost: it is not our child.
 *
 * @param base What every child has in its environment.
 */
export async function findInstance(
  record: InstanceRecord,
  base: Readonly<Record<string, string>>,
  options: ProcessRuntimeOptions,
): Promise<ProcessInstance | null> {
  const { port, token } = record;
  await endLeftCommands(token);
  const group = await AdoptedGroup.find(record) ??
    (options.stop === null ? null : await Elsewhere.find({ host: options.childHost, port }, token));
  if (group === null) return null;
  const notifySocket = socketOf(record, options);
  const env = instanceEnvironment(record, { env: base, options, notifySocket });
  const birth = group instanceof AdoptedGroup ? group.birth : null;
  return new ProcessInstance(
    record,
    { group, birth, env, notifySocket, misfit: await misfitOf(token, options.sockets) },
    options,
  );
}

function socketOf(
  { id, port, token, stage }: InstanceRecord,
  { healthcheck, log }: ProcessRuntimeOptions,
): NotifySocket | null {
  if (healthcheck.kind !== "notify") return null;
  try {
    return childSocket(token, { ready: !UNPROVEN.has(stage) });
  } catch (error) {
    log.warn(`Cannot listen to ${id}@${port} again: ${error}`, {
      event: "notify.lost",
      id,
      port,
    });
    return null;
  }
}

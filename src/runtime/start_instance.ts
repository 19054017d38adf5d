import type { NotifySocket } from "../handover/notify_socket.ts";
import { processBirth } from "../platform/proc.ts";
import { ProcessGroup } from "../platform/process_group.ts";
import { expandFor, instanceEnvironment } from "./instance_environment.ts";
import { childSocket } from "./child_socket.ts";
import type { ProcessRuntimeOptions } from "./process.ts";
import { type Identity, ProcessInstance } from "./process_instance.ts";
import { hintAtUnusedSocket } from "./unused_socket.ts";

/**
 * Starts a version.
 *
 * @param base What every child has in its environment.
 * @throws {Deno.errors.NotFound} When there is no `sh`.
 */
export function startInstance(
  identity: Identity,
  base: Readonly<Record<string, string>>,
  options: ProcessRuntimeOptions,
): ProcessInstance {
  const isNotify = options.healthcheck.kind === "notify";
  const notifySocket = isNotify ? childSocket(identity.token) : null;
  const env = instanceEnvironment(identity, {
    env: base,
    options,
    notifySocket,
  });
  const cwd = options.releaseDir?.(identity.id) ?? null;
  const group = spawn(identity, env, { options, notifySocket, cwd });
  const birth = processBirth(group.pid);
  const instance = new ProcessInstance(
    identity,
    { group, birth, env, notifySocket },
    options,
  );
  if (options.sockets !== undefined) void hintAtUnusedSocket(instance, options.log);
  return instance;
}

function spawn(
  identity: Identity,
  env: Readonly<Record<string, string>>,
  { options, notifySocket, cwd }: {
    options: ProcessRuntimeOptions;
    notifySocket: NotifySocket | null;
    cwd: string | null;
  },
): ProcessGroup {
  const spawnOptions = {
    token: identity.token,
    ...(cwd !== null && { cwd }),
    output: options.childLogs === "capture" ? "piped" : "inherit",
  } as const;
  const command = expandFor(identity, options.exec, options);
  try {
    if (options.sockets === undefined) {
      return ProcessGroup.spawn(command, { ...spawnOptions, env });
    }
    return options.sockets.spawn(
      command,
      ({ command, env: told, input }) =>
        ProcessGroup.spawn(command, { ...spawnOptions, env: { ...env, ...told }, input }),
    );
  } catch (error) {
    notifySocket?.close();
    throw error;
  }
}

import type { NotifySocket } from "../handover/notify_socket.ts";
import { healthCheckText } from "../health/health_check.ts";
import type { ProcessRuntimeOptions } from "./process.ts";
import { expandTemplates } from "./template.ts";

/** Which version, and where. */
interface Place {
  id: string;
  port: number;
}

/** The environment of everything that runs for an instance: `env` and what it has of its own. */
export function instanceEnvironment(
  { id, port }: Place,
  { env, options, notifySocket }: {
    env: Readonly<Record<string, string>>;
    options: ProcessRuntimeOptions;
    notifySocket: NotifySocket | null;
  },
): Record<string, string> {
  const { healthcheck, healthPortOffset } = options;
  const releaseDir = options.releaseDir?.(id) ?? null;
  return {
    ...env,
    PORT: String(port),
    LIVEROLL_PORT: String(port),
    LIVEROLL_ID: id,
    LIVEROLL_HEALTHCHECK: healthCheckText(healthcheck),
    LIVEROLL_HEALTH_PORT: String(port + healthPortOffset),
    ...(releaseDir === null ? {} : { LIVEROLL_RELEASE_DIR: releaseDir }),
    // Its own; that of the service manager was taken away before.
    ...(notifySocket === null ? {} : { NOTIFY_SOCKET: notifySocket.address }),
  };
}

/** Puts the values of an instance in the place of the templates of a command. */
export function expandFor(
  { id, port }: Place,
  command: string,
  { healthcheck }: ProcessRuntimeOptions,
): string {
  return expandTemplates(command, {
    port,
    healthcheck: healthCheckText(healthcheck),
    id,
  });
}

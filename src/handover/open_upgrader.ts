import { CoordinationDirectory } from "./coordination_directory.ts";
import { type InheritedSocket, takeInheritedSockets } from "./inherited_sockets.ts";
import { describeMode, handoverMeans, type Means } from "./means.ts";
import { StartSockets } from "./start_sockets.ts";
import { arrive } from "./successor.ts";
import { Upgrader } from "./upgrader.ts";
import { DEFAULTS, type UpgraderOptions } from "./upgrader_options.ts";

/**
 * Waits until this process may come up, and gets the sockets of its predecessor if there is one.
 *
 * @throws {HandoverError} When another process comes up for too long, or the owner hangs.
 * @throws {TypeError} When what the service manager says of its sockets is not true.
 * @throws {Error} When the directory cannot be used.
 */
export async function upgrader(options: UpgraderOptions): Promise<Upgrader> {
  return await openUpgrader(options, handoverMeans());
}

/**
 * As {@linkcode upgrader}, with other means than this process has.
 *
 * @param options `dir` null: sockets come from the service manager only, and go nowhere.
 */
export async function openUpgrader(
  options: Omit<UpgraderOptions, "dir"> & { dir: string | null },
  means: Means,
  inherited?: readonly InheritedSocket[],
): Promise<Upgrader> {
  const settings = { ...DEFAULTS, id: String(Deno.pid), ...options };
  const { dir, onWarning } = settings;
  const sockets = new StartSockets({
    inherited: inherited ?? takeInheritedSockets(onWarning),
    descriptors: means.descriptors,
    onWarning,
  });
  if (dir === null || means.libc === null) {
    if (dir !== null) onWarning(`${dir} is not used: ${describeMode(means.mode)}`);
    const nobody = { directory: null, connection: null, handed: [], predecessor: null };
    return new Upgrader({ settings, means, sockets, ...nobody });
  }
  const directory = new CoordinationDirectory(dir, means.libc.geteuid());
  try {
    const { connection, handed } = await arrive(means.libc, directory, settings, options.signal);
    sockets.add(handed);
    const predecessor = connection === null ? null : directory.ownerLock.holder();
    return new Upgrader({ settings, means, sockets, directory, connection, handed, predecessor });
  } catch (error) {
    directory[Symbol.dispose]();
    throw error;
  }
}

const SOCKETS = "/proc/net/unix";
const SOCKET_NAME = "/control.sock";
/** The flag of a socket that listens (`SO_ACCEPTCON`). */
const LISTENING = 0x10000;

/** A line of `/proc/net/unix`. */
export interface ListeningSocket {
  readonly inode: number;
  /** As it was bound: relative to the directory of its process, if that was not in the root. */
  readonly path: string;
}

/** The control sockets in the text of `/proc/net/unix`. */
function controlSockets(text: string): ListeningSocket[] {
  return text.split("\n").flatMap((line) => {
    const row = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) [0-9A-F]+ [0-9A-F]+ +(\d+) (.+)$/i
      .exec(line);
    const [, flags = "", inode = "", path = ""] = row ?? [];
    const isOurs = (Number.parseInt(flags, 16) & LISTENING) !== 0 && path.endsWith(SOCKET_NAME);
    return isOurs && !path.startsWith("@") ? [{ inode: Number(inode), path }] : [];
  });
}

/** The state directories of every liveroll that listens on this host, in order. */
export async function runningStateDirs(): Promise<string[]> {
  const text = await Deno.readTextFile(SOCKETS).catch(() => "");
  const found = await Promise.all(controlSockets(text).map(absolutePath));
  const directories = found.flatMap((path) =>
    path === null ? [] : path.slice(0, -SOCKET_NAME.length) || "/"
  );
  return [...new Set(directories)].toSorted();
}

/** A relative path means something only to the process that has the socket. */
async function absolutePath({ inode, path }: ListeningSocket): Promise<string | null> {
  if (path.startsWith("/")) return path;
  const directory = await directoryOfHolder(`socket:[${inode}]`);
  return directory === null ? null : `${directory}/${path.replace(/^(\.\/)+/, "")}`;
}

async function directoryOfHolder(link: string): Promise<string | null> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || !await holds(name, link)) continue;
    return await Deno.readLink(`/proc/${name}/cwd`).catch(() => null);
  }
  return null;
}

async function holds(pid: string, link: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      if (await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "") === link) return true;
    }
  } catch {
    // It has just ended, or belongs to somebody else.
  }
  return false;
}

/** Directories below `home` that hold the records of an application. */
export async function recordedStateDirs(home: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name } of Deno.readDir(home)) {
      const directory = `${home}/${name}`;
      if (await exists(`${directory}/liveroll.db`)) found.push(directory);
    }
  } catch {
    // There is no such directory, or it is not for us.
  }
  return found.toSorted();
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

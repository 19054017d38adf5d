import { parseIp } from "./cidr.ts";
import { processIds } from "./proc.ts";

const LISTEN = "0A";
const HEADING = "sl";
const CHUNK_BYTES = 16 * 1024;
const DECODER = new TextDecoder();

/**
 * The processes that listen on `port` at `host` or at the wildcard address, one for each socket.
 * Sockets whose owner cannot be seen (another user's) are left out. Empty where there is no `/proc`.
 *
 * @param near A process to begin the search at; its descendants nearly always have higher ids.
 */
export async function listenersOn(host: string, port: number, near = 0): Promise<number[]> {
  const inodes = await listeningInodes(port, host);
  return inodes.size === 0 ? [] : await owners(inodes, near);
}

/** Those of `ports` on which anybody listens at `host` or at the wildcard address, in order. */
export async function listeningPorts(host: string, ports: readonly number[]): Promise<number[]> {
  const wanted = parseIp(host);
  const taken = new Set<number>();
  for (const table of ["tcp", "tcp6"]) {
    for (const columns of await listeningRows(`/proc/net/${table}`)) {
      const [address = "", hexPort = ""] = columns[1]?.split(":") ?? [];
      const port = parseInt(hexPort, 16);
      if (!ports.includes(port)) continue;
      if (wanted === null || reaches(address, wanted)) taken.add(port);
    }
  }
  return [...taken].sort((a, b) => a - b);
}

/** The sockets that listen on `port`: at `host` or the wildcard address, or anywhere. */
export async function listeningInodes(port: number, host?: string): Promise<Set<string>> {
  const wanted = host === undefined ? null : parseIp(host);
  const inodes = new Set<string>();
  for (const table of ["tcp", "tcp6"]) {
    for (const columns of await listeningRows(`/proc/net/${table}`)) {
      const [address = "", hexPort = ""] = columns[1]?.split(":") ?? [];
      if (parseInt(hexPort, 16) !== port) continue;
      if (wanted === null || reaches(address, wanted)) inodes.add(columns[9] ?? "");
    }
  }
  return inodes;
}

/**
 * The rows of listeners, which the kernel puts first. Behind them may come tens of thousands of
 * closed connections: reading those would take a busy proxy's breath away, so it stops there.
 */
async function listeningRows(path: string): Promise<string[][]> {
  const rows: string[][] = [];
  let rest = "";
  try {
    using file = await Deno.open(path);
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let read; (read = await file.read(chunk)) !== null;) {
      const lines = (rest + DECODER.decode(chunk.subarray(0, read))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const columns = line.trim().split(/\s+/);
        if (columns[0] === HEADING) continue;
        if (columns[3] !== LISTEN) return rows;
        rows.push(columns);
      }
    }
  } catch {
    // No such table here.
  }
  return rows;
}

/** Processes that hold the sockets, the first that is found for each. */
export async function owners(inodes: ReadonlySet<string>, near = 0): Promise<number[]> {
  const left = new Set(inodes);
  const found = new Set<number>();
  const pids = (await processIds()).sort((a, b) => Number(a < near) - Number(b < near) || a - b);
  for (const pid of pids) {
    if (left.size === 0) break;
    for (const inode of await socketsOf(pid)) {
      if (left.delete(inode)) found.add(pid);
    }
  }
  return [...found];
}

/** Addresses stand there as words in the byte order of the machine; that is little-endian here. */
function reaches(hex: string, wanted: readonly number[]): boolean {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => parseInt(byte, 16)).reverse()
  );
  if (bytes.every((byte) => byte === 0)) return true;
  return bytes.slice(-wanted.length).every((byte, i) => byte === wanted[i]);
}

async function socketsOf(pid: number): Promise<string[]> {
  const inodes: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
      const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) inodes.push(inode);
    }
  } catch {
    // Another user's process, or one that just ended.
  }
  return inodes;
}

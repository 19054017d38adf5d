import { SnapshotError } from "./archiver.ts";

/** So many entries are removed before others get their turn. */
const AT_ONCE = 16;

/**
 * Removes everything in a directory, not the directory itself.
 *
 * @throws {SnapshotError} When something is mounted below it: that is not ours to remove.
 * @throws What the file system says.
 */
export async function emptyDirectory(directory: string): Promise<void> {
  const mounted = await mountedBelow(directory);
  if (mounted !== null) {
    throw new SnapshotError(`Cannot empty ${directory}: ${mounted} is mounted in it`);
  }
  const names = Array.from(Deno.readDirSync(directory), ({ name }) => name);
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    // Links are removed, not followed.
    await Promise.all(some.map((name) => Deno.remove(`${directory}/${name}`, { recursive: true })));
  }
}

/** Something that is mounted below a directory, also if it is of the same file system. */
async function mountedBelow(directory: string): Promise<string | null> {
  const prefix = `${await Deno.realPath(directory)}/`;
  const lines = (await Deno.readTextFile("/proc/self/mountinfo")).split("\n");
  const places = lines.map((line) => unescape(line.split(" ")[4] ?? ""));
  return places.find((place) => place.startsWith(prefix)) ?? null;
}

/** The kernel writes blanks as `\040`. */
function unescape(text: string): string {
  return text.replaceAll(
    /\\([0-7]{3})/g,
    (_, octal: string) => String.fromCharCode(parseInt(octal, 8)),
  );
}

import { type DockerHost, makeImage } from "./docker.ts";

/** Serves `/www/version`, and ends at once on TERM. */
const SERVE = "trap 'kill $!; exit 0' TERM; busybox httpd -f -p 8080 -h /www & wait";

/** How a version behaves that keeps files in `/data`. */
export interface DataVersion {
  /** What its migration does, in the language of the shell. @default {nothing} */
  migrate?: string;
  /** What runs. @default {a web server} */
  run?: string;
}

/** A command that changes the data for whichever version it is run in. */
export const MIGRATE = "/bin/busybox sh /migrate.sh";

/** Publishes a version under the tag `latest`; the engine itself forgets it. */
export async function publish(
  { engine, registry }: DockerHost,
  version: string,
  { migrate = "", run = SERVE }: DataVersion = {},
): Promise<void> {
  const tag = `${registry.address}/data-app:latest`;
  const files = { "/www/version": version, "/migrate.sh": migrate, "/data/.keep": "" };
  const command = ["/bin/busybox", "sh", "-c", run];
  await makeImage(engine, "built", { files, command });
  await engine.docker("tag", "built", tag);
  await engine.docker("push", "--quiet", tag);
  await engine.docker("rmi", tag, "built");
}

/** Every file below a directory: its permissions, its owner and what is in it. */
export function contentsOf(directory: string): string[] {
  return entriesOf(directory, "").toSorted();
}

function entriesOf(root: string, path: string): string[] {
  return Array.from(Deno.readDirSync(`${root}${path}`)).flatMap(({ name, isDirectory }) => {
    const inside = `${path}/${name}`;
    const { mode, uid, gid, isSymlink } = Deno.lstatSync(root + inside);
    const about = `${inside} ${(mode! & 0o7777).toString(8)} ${uid}:${gid}`;
    if (isDirectory) return [about, ...entriesOf(root, inside)];
    if (isSymlink) return [`${about} -> ${Deno.readLinkSync(root + inside)}`];
    return [`${about} ${Deno.readFileSync(root + inside).toHex()}`];
  });
}

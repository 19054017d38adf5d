import type { ToolEnd } from "../run_tool.ts";
import type { ComposeProgram } from "../program/compose_program.ts";
import type { ComposeStack, OneShot } from "../program/stack.ts";
import { type ArchiveOptions, type Archiver, SnapshotError } from "./archiver.ts";
import type { ArchivedMount } from "./manifest.ts";
import type { SavedMount } from "./mounts.ts";

/**
 * Empties directories and fills them from the standard input, for the smallest of shells: nothing
 * in which something else is mounted.
 */
const UNPACK = `
for d; do
  while read -r _ m _; do
    case "$m" in "$d"/*) echo "$m is mounted in $d" >&2; exit 1 ;; esac
  done < /proc/mounts
done
for d; do
  for f in "$d"/* "$d"/.[!.]* "$d"/..?*; do
    if [ -e "$f" ] || [ -L "$f" ]; then rm -rf -- "$f" || exit 1; fi
  done
done
exec tar -xzpf - -C /`;

/**
 * Has the application's own image read and write its volumes, in a container of its own: for hosts
 * on which we are not root. Nothing is fetched for it; the image has to have `tar` with `gzip`.
 */
export class ContainerArchiver implements Archiver {
  readonly method = "container";
  readonly suffix = ".tar.gz";
  readonly #compose: ComposeProgram;
  readonly #stack: ComposeStack;
  readonly #service: string;

  constructor(compose: ComposeProgram, stack: ComposeStack, service: string) {
    this.#compose = compose;
    this.#stack = stack;
    this.#service = service;
  }

  /** Nobody knows without looking at all files in a container. */
  measure(): Promise<null> {
    return Promise.resolve(null);
  }

  async pack(path: string, mounts: readonly SavedMount[], options: ArchiveOptions) {
    const archived = mounts.map(({ type, name, target }): ArchivedMount => {
      return { type, name, target, member: memberOf(target), owner: null };
    });
    const command = ["-czf", "-", "-C", "/", ...archived.map(({ member }) => member)];
    await this.#run({ entrypoint: "tar", command, stdoutPath: path }, options);
    return archived;
  }

  async unpack(
    path: string,
    mounts: readonly ArchivedMount[],
    places: readonly SavedMount[],
    options: ArchiveOptions,
  ): Promise<void> {
    for (const [index, { member, name }] of mounts.entries()) {
      if (member === memberOf(places[index]!.target)) continue;
      throw new SnapshotError(
        `Cannot restore ${name} by a container: it was saved from /${member}; restore it as root`,
      );
    }
    const command = ["-c", UNPACK, "sh", ...places.map(({ target }) => target)];
    await this.#run({ entrypoint: "sh", command, stdinPath: path }, options);
  }

  async #run(shot: Omit<OneShot, "service" | "user">, options: ArchiveOptions): Promise<void> {
    const whole = { ...shot, service: this.#service, user: "0:0" };
    const { code, lastLines }: ToolEnd = await this.#compose.runOnce(this.#stack, whole, options);
    if (code === 0) return;
    const detail = lastLines.at(-1) ?? `code ${code}`;
    throw new SnapshotError(
      `Cannot run ${shot.entrypoint} in the image of ${this.#service}: ${detail}; it needs tar and ` +
        "gzip in the image, or liveroll as root on the engine's host, or --snapshot command:CMD",
    );
  }
}

function memberOf(target: string): string {
  return target.replace(/^\/+|\/+$/g, "");
}

import { type Requirement, requirement } from "./skip.ts";

/** Met where a file system can be mounted. */
export function mounts(): Requirement {
  const dir = Deno.makeTempDirSync({ prefix: "liveroll-mount-" });
  try {
    new SmallDisk(dir)[Symbol.dispose]();
    return requirement(true, "");
  } catch (error) {
    return requirement(false, `needs to mount a file system: ${error}`);
  } finally {
    Deno.removeSync(dir);
  }
}

/** A file system of its own, of two megabytes, in place of a directory. */
export class SmallDisk implements Disposable {
  readonly #path: string;

  /** @throws {Error} When it cannot be mounted. */
  constructor(path: string) {
    this.#path = path;
    Deno.mkdirSync(path, { recursive: true });
    run("mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", path);
  }

  /** Takes all space that is left. */
  fill(): void {
    using file = Deno.openSync(`${this.#path}/filler`, { append: true, create: true });
    for (const size of [65_536, 4_096, 1]) {
      while (takes(file, size));
    }
  }

  /** Gives that space back. */
  empty(): void {
    Deno.removeSync(`${this.#path}/filler`);
  }

  /** @throws {Error} When somebody has a file open for writing. */
  setReadOnly(isReadOnly: boolean): void {
    run("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.#path);
  }

  [Symbol.dispose](): void {
    run("umount", "--lazy", this.#path);
  }
}

function takes(file: Deno.FsFile, size: number): boolean {
  try {
    return file.writeSync(new Uint8Array(size)) === size;
  } catch {
    return false;
  }
}

function run(command: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(command, { args, stdout: "null" }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

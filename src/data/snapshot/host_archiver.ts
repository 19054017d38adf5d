import { runTool, type ToolCall } from "../../platform/run_tool.ts";
import { type ArchiveOptions, type Archiver, SnapshotError } from "./archiver.ts";
import { emptyDirectory } from "./empty_directory.ts";
import type { ArchivedMount } from "./manifest.ts";
import type { SavedMount } from "./mounts.ts";

/** Owners by number: names mean other people in a container. */
const ALL_ATTRIBUTES = ["--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*"];

/** Programs that compress. */
export const COMPRESSIONS = ["zstd", "gzip"] as const;

/** One of {@linkcode COMPRESSIONS}. */
export type Compression = typeof COMPRESSIONS[number];

/** Reads and writes the volumes where they are on this host, with GNU tar; has to be root. */
export class HostArchiver implements Archiver {
  readonly suffix: string;
  readonly #compression: Compression;
  readonly #env: Readonly<Record<string, string>>;

  /** @param env The environment for the programs. */
  constructor(compression: Compression, env: Readonly<Record<string, string>>) {
    this.#compression = compression;
    this.#env = env;
    this.suffix = compression === "zstd" ? ".tar.zst" : ".tar.gz";
  }

  async measure(mounts: readonly SavedMount[], options: ArchiveOptions): Promise<number> {
    const words = ["du", "--summarize", "--total", "--one-file-system", "--block-size=1", "--"];
    const stdout = await this.#run([...words, ...mounts.map(directoryOf)], options);
    const bytes = Number(stdout.trimEnd().split("\n").at(-1)?.split("\t")[0]);
    if (Number.isSafeInteger(bytes)) return bytes;
    throw new SnapshotError("Cannot tell how much there is to save: du does not say");
  }

  async pack(path: string, mounts: readonly SavedMount[], options: ArchiveOptions) {
    const archived = await Promise.all(mounts.map(archivedMount));
    const words = ["tar", "--create", `--${this.#compression}`, "--sparse", "--one-file-system"];
    const members = archived.map(({ member }) => member);
    const what = [`--file=${path}`, "--directory=/", "--", ...members];
    await this.#run([...words, ...ALL_ATTRIBUTES, ...what], options);
    return archived;
  }

  async unpack(
    path: string,
    mounts: readonly ArchivedMount[],
    places: readonly SavedMount[],
    options: ArchiveOptions,
  ): Promise<void> {
    for (const [index, { member, owner }] of mounts.entries()) {
      const directory = directoryOf(places[index]!);
      await emptyDirectory(directory);
      const strip = `--strip-components=${member.split("/").length}`;
      const words = ["tar", "--extract", `--${compressionOf(path)}`, "--preserve-permissions"];
      const what = [`--file=${path}`, `--directory=${directory}`, strip, "--same-owner"];
      await this.#run([...words, ...ALL_ATTRIBUTES, ...what, "--", member], options);
      await Deno.chown(directory, owner.uid, owner.gid);
      await Deno.chmod(directory, owner.mode);
      await this.#run(["sync", "--file-system", directory], options);
    }
  }

  async #run(words: readonly string[], options: ArchiveOptions): Promise<string> {
    const end = await runTool(this.#call(words, options));
    if (end.code === 0) return end.stdout;
    const detail = end.lastLines.at(-1) ?? (end.code === null ? end.outcome : `code ${end.code}`);
    // GNU tar ends like this when somebody wrote while it read.
    const isMoving = words[0] === "tar" && end.code === 1;
    const advice = isMoving ? "; stop or pause what writes there" : "";
    throw new SnapshotError(`Cannot run ${words[0]}: ${detail}${advice}`);
  }

  #call(words: readonly string[], options: ArchiveOptions): ToolCall {
    // Messages are compared and shown: not in the language of whoever started us.
    const env = { ...this.#env, LC_ALL: "C" };
    return { words, directory: "/", env, isCaptured: true, redact: (text) => text, ...options };
  }
}

/** What the name of a directory begins with is cut off at the end, and its owner with it. */
async function archivedMount(mount: SavedMount): Promise<ArchivedMount> {
  const directory = directoryOf(mount);
  const { uid, gid, mode } = await Deno.stat(directory);
  const owner = { uid: uid!, gid: gid!, mode: mode! & 0o7777 };
  const { type, name, target } = mount;
  return { type, name, target, member: directory.replace(/^\/+/, ""), owner };
}

function compressionOf(path: string): Compression {
  return path.endsWith(".gz") ? "gzip" : "zstd";
}

function directoryOf({ name, directory }: SavedMount): string {
  if (directory !== null) return directory;
  throw new SnapshotError(`Cannot get at ${name}: it is not on this host`);
}

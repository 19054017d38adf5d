import { capture } from "../../../../scripts/lib/command.ts";

/** How the real programs make each kind of archive of the directory `tree`, in which programs. */
export const PACKERS: ReadonlyArray<
  readonly [suffix: string, programs: string[], command: string]
> = [
  ["tar", ["tar"], "tar -cf $OUT -C tree ."],
  ["tar.gz", ["tar", "gzip"], "tar -czf $OUT -C tree ."],
  ["tgz", ["tar", "gzip"], "tar -czf $OUT --format=pax -C tree ."],
  ["tar.bz2", ["tar", "bzip2"], "tar -cjf $OUT -C tree ."],
  ["tbz2", ["tar", "bzip2"], "tar -cf - --format=gnu -C tree . | bzip2 -1 > $OUT"],
  ["tar.xz", ["tar", "xz"], "tar -cJf $OUT -C tree ."],
  ["txz", ["tar", "xz"], "tar -cf - -C tree . | xz -T2 --block-size=4KiB > $OUT"],
  ["tar.zst", ["tar", "zstd"], "tar -cf - -C tree . | zstd -q > $OUT"],
  ["tzst", ["tar", "zstd"], "tar -cf - -C tree . | zstd -q -19 --no-check > $OUT"],
  ["zip", ["zip"], "cd tree && zip -qry $OUT ."],
];

/** Runs one of {@linkcode PACKERS} in `cwd`. */
export async function pack(command: string, out: string, cwd: string): Promise<void> {
  const result = await capture("sh", ["-ec", command], { cwd, env: { OUT: out } });
  if (!result.ok) throw new Error(`Cannot pack ${out}: ${result.stderr}`);
}

/** Every path with what it is, sorted. */
export function listing(root: string, below = ""): string[] {
  const lines: string[] = [];
  for (const { name } of [...Deno.readDirSync(`${root}/${below}`)]) {
    const path = `${below}${name}`;
    const at = `${root}/${path}`;
    const { isDirectory, isSymlink, mode } = Deno.lstatSync(at);
    const bits = ((mode ?? 0) & 0o777).toString(8);
    if (isDirectory) lines.push(`${path}/ ${bits}`, ...listing(root, `${path}/`));
    else if (isSymlink) lines.push(`${path} -> ${Deno.readLinkSync(at)}`);
    else lines.push(`${path} ${bits} ${Deno.readFileSync(at).toHex()}`);
  }
  return lines.toSorted();
}

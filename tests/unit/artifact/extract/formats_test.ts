import { assertEquals, assertInstanceOf } from "@std/assert";
import { ArtifactRefusedError } from "../../../../src/artifact/refused.ts";
import { concat, toBytes } from "../../../helpers/archives.ts";
import { needs, program } from "../../../helpers/skip.ts";
import { listing, pack, PACKERS } from "./packers.ts";
import { Workbench } from "./workbench.ts";

for (const [suffix, programs, command] of PACKERS) {
  Deno.test({
    name: `extract() brings back what the real programs packed as .${suffix}`,
    ...needs(program("sh", ...programs)),
    async fn() {
      using bench = new Workbench();
      plant(`${bench.path}/in/tree`);
      const archive = `${bench.path}/in/app.${suffix}`;
      await pack(command, archive, `${bench.path}/in`);
      await bench.extract(`app.${suffix}`, await Deno.readFile(archive));
      assertEquals(listing(bench.release), listing(`${bench.path}/in/tree`));
    },
  });

  Deno.test({
    name: `extract() refuses a .${suffix} that is cut off anywhere, or has something after its end`,
    ...needs(program("sh", ...programs)),
    async fn() {
      using bench = new Workbench();
      plant(`${bench.path}/in/tree`);
      const archive = `${bench.path}/in/app.${suffix}`;
      await pack(command, archive, `${bench.path}/in`);
      const bytes = await Deno.readFile(archive);
      for (const length of cuts(bytes.length, suffix)) {
        await refused(bench, suffix, bytes.subarray(0, length), `${length} of ${bytes.length}`);
      }
      await refused(bench, suffix, concat([bytes, toBytes("more")]), "more");
      const zeros = new Uint8Array(2);
      await refused(bench, suffix, concat([bytes, zeros, toBytes("more")]), "zeros and more");
    },
  });
}

// A plain tar has checksums for its headers only, and this zstd has none.
for (const [suffix, programs, command] of PACKERS) {
  if (suffix === "tar" || suffix === "tzst") continue;
  Deno.test({
    name: `extract() refuses a .${suffix} in which a byte has changed, or extracts the same`,
    ...needs(program("sh", ...programs)),
    async fn() {
      using bench = new Workbench();
      plant(`${bench.path}/in/tree`);
      const archive = `${bench.path}/in/app.${suffix}`;
      await pack(command, archive, `${bench.path}/in`);
      const wanted = listing(`${bench.path}/in/tree`);
      const bytes = await Deno.readFile(archive);
      for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
        await sameOrRefused(bench, suffix, flipped(bytes, at), wanted);
      }
    },
  });
}

for (
  const [suffix, compressor] of [["tgz", "gzip"], ["tbz2", "bzip2"], ["txz", "xz"], [
    "tzst",
    "zstd",
  ]]
) {
  Deno.test({
    name: `extract() takes a .${suffix} that was compressed in two pieces`,
    ...needs(program("sh", "tar", "head", compressor ?? "")),
    async fn() {
      using bench = new Workbench();
      plant(`${bench.path}/in/tree`);
      const archive = `${bench.path}/in/app.${suffix}`;
      const command = `tar -cf whole -C tree .; head -c 200000 whole | ${compressor} > $OUT; ` +
        `tail -c +200001 whole | ${compressor} >> $OUT`;
      await pack(command, archive, `${bench.path}/in`);
      await bench.extract(`app.${suffix}`, await Deno.readFile(archive));
      assertEquals(listing(bench.release), listing(`${bench.path}/in/tree`));
    },
  });
}

/** Times and such may change without harm. */
async function sameOrRefused(
  bench: Workbench,
  suffix: string,
  bytes: Uint8Array,
  wanted: string[],
): Promise<void> {
  const outcome = await bench.extract(`flipped.${suffix}`, bytes).catch((error) => error);
  if (outcome !== undefined) {
    return assertInstanceOf(outcome, ArtifactRefusedError, Deno.inspect(outcome));
  }
  assertEquals(listing(bench.release), wanted);
  Deno.removeSync(bench.release, { recursive: true });
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

/** Ends in all parts of the file. The last zeros of a plain tar are only padding. */
function cuts(length: number, suffix: string): number[] {
  const shares = [0, 0.001, 0.1, 0.3, 0.5, 0.7].map((share) => Math.floor(length * share));
  return suffix === "tar" ? shares : [...shares, length - 12, length - 4, length - 1];
}

async function refused(
  bench: Workbench,
  suffix: string,
  bytes: Uint8Array,
  what: string,
): Promise<void> {
  const outcome = await bench.extract(`broken.${suffix}`, bytes).catch((error) => error);
  assertInstanceOf(outcome, ArtifactRefusedError, `${what}: ${outcome}`);
  assertEquals(bench.leftovers(), [], what);
}

function plant(root: string): void {
  const long = "a directory with a long name ".repeat(4).trim();
  Deno.mkdirSync(`${root}/${long}/${long}/ünï`, { recursive: true });
  Deno.writeTextFileSync(`${root}/${long}/${long}/ünï/deep.txt`, "deep");
  Deno.mkdirSync(`${root}/bin`);
  Deno.writeTextFileSync(`${root}/bin/app`, "#!/bin/sh\n", { mode: 0o755 });
  Deno.writeTextFileSync(`${root}/empty`, "");
  Deno.writeFileSync(`${root}/noise`, noise(300_000));
  Deno.writeTextFileSync(`${root}/runs`, "a".repeat(100_000) + "abcd".repeat(50_000));
  Deno.symlinkSync("../noise", `${root}/bin/noise`);
}

/** Bytes that cannot be compressed, the same every time. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

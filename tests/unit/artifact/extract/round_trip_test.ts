import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import fc from "fast-check";
import type { ArchiveEntry } from "../../../../src/artifact/extract/entry.ts";
import { DEFAULT_LIMITS, ExtractMeter } from "../../../../src/artifact/extract/limits.ts";
import { ReleaseWriter } from "../../../../src/artifact/extract/writer.ts";
import { ArtifactRefusedError } from "../../../../src/artifact/refused.ts";
import { needs, program } from "../../../helpers/skip.ts";
import { listing, pack, PACKERS } from "./packers.ts";
import { Workbench } from "./workbench.ts";

/** `zip` takes a file with the name `-` for its standard input. */
const UNUSABLE = [".", "..", "-"];

const segment = fc.string({
  unit: fc.constantFrom(..."abcABC019 .-_+@~'\"$&\u00e4\u6f22\u{1f600}"),
  minLength: 1,
  maxLength: 60,
}).filter((name) => !UNUSABLE.includes(name));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.nat(60_000)).map(repeated),
  fc.nat(300_000).map((length) => new Uint8Array(length)),
);
const node = fc.record({
  path: fc.array(segment, { minLength: 1, maxLength: 5 }),
  content,
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o440, 0o700),
  link: fc.boolean(),
});

for (const [suffix, programs, command] of PACKERS) {
  Deno.test({
    name: `extract() brings back any tree that was packed as .${suffix}`,
    ...needs(program("sh", ...programs)),
    async fn() {
      await fc.assert(
        fc.asyncProperty(fc.array(node, { minLength: 1, maxLength: 12 }), async (nodes) => {
          using bench = new Workbench();
          const tree = `${bench.path}/in/tree`;
          Deno.mkdirSync(tree);
          for (const made of nodes) plant(tree, made);
          const archive = `${bench.path}/in/app.${suffix}`;
          await pack(command, archive, `${bench.path}/in`);
          await bench.extract(`app.${suffix}`, Deno.readFileSync(archive));
          assertEquals(listing(bench.release), listing(tree));
        }),
        { numRuns: 8 },
      );
    },
  });
}

const step = fc.constantFrom("..", "..", "a", "b", "c", "l", "m", ".");
const steps = fc.array(step, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const place = fc.array(fc.constantFrom("a", "b", "c", "l", "m"), { minLength: 1, maxLength: 4 });

Deno.test("no link that extract() accepts leads out, whatever the others are", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(place, steps), { maxLength: 6 }), async (links) => {
      using bench = new Workbench();
      const writer = new ReleaseWriter(`${bench.path}/out`, new ExtractMeter(0, DEFAULT_LIMITS));
      for (const name of ["a/b/c", "b/c", "c"]) {
        await writer.write({ name, content: { kind: "directory" }, mode: null });
      }
      for (const [path, target] of links) {
        const entry: ArchiveEntry = {
          name: path.join("/"),
          content: { kind: "symlink", target },
          mode: null,
        };
        const outcome = await writer.write(entry).catch((error) => error);
        if (outcome === undefined) accepted++;
        else assertInstanceOf(outcome, ArtifactRefusedError);
      }
      for (const [path] of links) assertInside(`${bench.path}/out`, path.join("/"));
    }),
    { numRuns: 500 },
  );
  assert(accepted > 100, `only ${accepted} were accepted`);
});

function assertInside(root: string, path: string): void {
  let real: string;
  try {
    real = Deno.realPathSync(`${root}/${path}`);
  } catch {
    // It leads to nothing, or round in circles.
    return;
  }
  assert(real === root || real.startsWith(`${root}/`), `${path} leads to ${real}`);
}

/** Does nothing where there is something already, or no way. */
function plant(
  root: string,
  { path, content, mode, link }: {
    path: string[];
    content: Uint8Array;
    mode: number;
    link: boolean;
  },
): void {
  const at = `${root}/${path.join("/")}`;
  const isTaken = (segments: string[]) =>
    namesIn(root, segments.slice(0, -1)).some((name) => same(name, segments.at(-1) ?? ""));
  for (let depth = 1; depth < path.length; depth++) {
    const parent = path.slice(0, depth);
    if (isDirectory(`${root}/${parent.join("/")}`)) continue;
    if (isTaken(parent)) return;
    Deno.mkdirSync(`${root}/${parent.join("/")}`);
  }
  if (isTaken(path)) return;
  if (link) Deno.symlinkSync(path.at(-1) ?? "", at);
  else Deno.writeFileSync(at, content, { mode });
}

function namesIn(root: string, segments: string[]): string[] {
  return [...Deno.readDirSync(`${root}/${segments.join("/")}`)].map(({ name }) => name);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function repeated([pattern, length]: [Uint8Array, number]): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => pattern[index % pattern.length] ?? 0);
}

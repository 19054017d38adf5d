import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;
const SOURCES = `${ROOT}src/`;

/** The one that puts everything together. */
const EVERYTHING = "everything above";

/** A folder and those that it imports from. */
type Row = readonly [folder: string, known: string];

/** What docs/architecture.md says, in its order. */
async function picture(): Promise<Row[]> {
  const text = await Deno.readTextFile(`${ROOT}docs/architecture.md`);
  const [, block = ""] = /^## Who knows whom\n.*?^```\n(.*?)^```$/ms.exec(text) ?? [];
  return block.trimEnd().split("\n").map((line): Row => {
    const [, folder = "", known = ""] = /^(\w+) +(.+)$/.exec(line) ?? [];
    return [folder, known];
  });
}

/** Paths of all files below `directory`. */
function filesIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory)).flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${directory}/${name}`) : [`${directory}/${name}`]
  );
}

/** The folders that a file imports from; comments of scripts name types like that, too. */
function foldersIn(path: string): string[] {
  const specifiers = Deno.readTextFileSync(path).matchAll(/\b(?:from|import)[ (]+"(\.[^"]+)"/g);
  const targets = Array.from(specifiers, ([, one]) => new URL(one!, `file://${path}`).pathname);
  return targets.filter((target) => target.startsWith(SOURCES))
    .map((target) => target.slice(SOURCES.length).split("/")[0]!);
}

/** The folders that `folder` imports from, without itself. */
function knownTo(folder: string): string[] {
  const files = filesIn(`${SOURCES}${folder}`).filter((path) => /\.[jt]s$/.test(path));
  const known = new Set(files.flatMap(foldersIn));
  known.delete(folder);
  return [...known].toSorted();
}

Deno.test("folders know those that docs/architecture.md lists for them, and no others", async () => {
  for (const [folder, known] of await picture()) {
    if (known === EVERYTHING) continue;
    assertEquals(knownTo(folder).join(", ") || "nobody", known, folder);
  }
});

Deno.test("no folder knows one that is listed below it: nobody imports in circles", async () => {
  const folders = (await picture()).map(([folder]) => folder);
  for (const [index, folder] of folders.entries()) {
    const above = folders.slice(0, index);
    for (const one of knownTo(folder)) assert(above.includes(one), `${folder} knows ${one}`);
  }
});

Deno.test("docs/architecture.md lists all folders", async () => {
  const all = Array.from(Deno.readDirSync(SOURCES), ({ name }) => name);
  const folders = (await picture()).map(([folder]) => folder);
  // What is in it stands for libraries and is imported by their names.
  assertEquals(folders.toSorted(), all.filter((name) => name !== "std").toSorted());
});

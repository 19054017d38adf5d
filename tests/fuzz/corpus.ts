import type { Sample } from "./grammar.ts";
import { parseSeed, type Seed } from "./seed_file.ts";

const FOLDER = new URL("./seeds/", import.meta.url);

/** All seeds that are kept, by the name of their file, in alphabetical order. */
export function readSeeds(): [name: string, seed: Seed][] {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  return names.filter((name) => name.endsWith(".txt")).map((name) => {
    return [name, parseSeed(Deno.readTextFileSync(new URL(name, FOLDER)))];
  });
}

/** The seeds to start from; a failure that was just written must not change what a number makes. */
export function readCorpus(): Sample[] {
  const chosen = readSeeds().filter(([name]) => !name.startsWith("found-"));
  return chosen.map(([, seed]) => toSample(seed));
}

/** A seed as a message to start from. */
export function toSample({ kind, method, message }: Seed): Sample {
  return { kind, method, text: message, valid: false };
}

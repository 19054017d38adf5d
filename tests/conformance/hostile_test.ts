import { assertEquals } from "@std/assert";
import { type EngineName, ENGINES } from "../../src/proxy/engines.ts";
import { needs, program, requirement } from "../helpers/skip.ts";
import {
  type Application,
  startNginx,
  startNode,
  startPython,
  startRecorder,
} from "./hostile/applications.ts";
import { CORPUS } from "./hostile/corpus/corpus.ts";
import { runDifferential } from "./hostile/differential.ts";

interface Subject {
  readonly name: string;
  readonly program: string | null;
  readonly pieces?: number;
  start(): Application | Promise<Application>;
}

const SUBJECTS: readonly Subject[] = [
  { name: "a strict reader", program: null, start: startRecorder },
  { name: "a strict reader, in pieces", program: null, pieces: 3, start: startRecorder },
  { name: "Node", program: "node", start: startNode },
  { name: "Python", program: "python3", start: startPython },
  { name: "nginx", program: "nginx", start: startNginx },
];

/** The engines that speak HTTP, and whether all of the corpus holds for them. */
const STRICT: Partial<Record<string, boolean>> = { relay: true, fetch: false };

/**
 * Deno's server takes these lengths for real and waits for the rest, and speaks HTTP/2 with those
 * who can. With `fetch` behind it that is nobody's deception, but would cost minutes.
 */
const NOT_FOR_FETCH =
  /length 9\d{15,18}$|chunk size (F{15}[F3]|[78]|20000000000001)|trailer of|HTTP\/2 preface/;

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  const strict = STRICT[engine];
  if (strict === undefined) continue;
  const cases = strict ? CORPUS : CORPUS.filter(({ name }) => !NOT_FOR_FETCH.test(name));
  for (const { name, program: needed, pieces = 1, start } of SUBJECTS) {
    if (pieces > 1 && !strict) continue;
    Deno.test({
      name:
        `item 27 item 28 item 29 item 31 [${engine}] hostile requests deceive neither us nor ${name}`,
      ...needs(needed === null ? requirement(true, "") : program(needed)),
      fn: async () => {
        const { counts, problems } = await runDifferential(engine, await start(), cases, {
          strict,
          pieces,
        });
        console.log(`${engine}, ${name}: ${cases.length} cases: ${describe(counts)}`);
        assertEquals(problems, []);
      },
    });
  }
}

function describe(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
}

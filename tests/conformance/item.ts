import { type EngineName, ENGINES } from "../../src/proxy/engines.ts";
import type { HttpEngine } from "./checklist.ts";

/** For which engines a test is. */
export interface Scope {
  /** @default Every engine that speaks HTTP. */
  readonly engines?: readonly HttpEngine[];
}

/** What a test does with the engine that it gets. */
export type EngineTest = (engine: EngineName) => Promise<void>;

/** One test for one engine, as it was declared. */
export interface Declared {
  readonly numbers: readonly number[];
  readonly engine: HttpEngine;
}

/** Tests of what only the engine `relay` does, or does better. */
export const RELAY: Scope = { engines: ["relay"] };
/** Tests of what the engine `fetch` does instead. */
export const FETCH: Scope = { engines: ["fetch"] };

/** Far more than any test takes. */
const LIMIT_MS = Deno.env.get("SOAK") === "1" ? 600_000 : 30_000;

const EVERY: readonly HttpEngine[] = ["relay", "fetch"];

let collected: Declared[] | null = null;

/**
 * Declares a test of one or more items of the checklist, once per engine.
 *
 * @param sentence What is true, after the codes of other lists if there are any.
 */
export function item(
  numbers: number | readonly number[],
  sentence: string,
  ...[first, second]: [EngineTest] | [Scope, EngineTest]
): void {
  const all = typeof numbers === "number" ? [numbers] : numbers;
  const codes = all.map((number) => `item ${String(number).padStart(2, "0")}`).join(" ");
  declare(all, (engine) => `${codes} [${engine}] ${sentence}`, first, second);
}

/** Declares a test of what is on no checklist, once per engine. */
export function behaviour(
  sentence: string,
  ...[first, second]: [EngineTest] | [Scope, EngineTest]
): void {
  declare([], (engine) => `${sentence} [${engine}]`, first, second);
}

/** The tests that `load` declares; none of them is registered. */
export async function collect(load: () => Promise<unknown>): Promise<readonly Declared[]> {
  const declared: Declared[] = collected = [];
  try {
    await load();
  } finally {
    collected = null;
  }
  return declared;
}

function declare(
  numbers: readonly number[],
  name: (engine: HttpEngine) => string,
  first: EngineTest | Scope,
  second?: EngineTest,
): void {
  const scope = typeof first === "function" ? {} : first;
  const test = typeof first === "function" ? first : second;
  for (const engine of scope.engines ?? EVERY) {
    if (!isEngine(engine)) continue;
    if (collected) collected.push({ numbers, engine });
    else if (test) Deno.test(name(engine), () => bounded(test(engine)));
  }
}

/** A latch that nobody opens must not hold up all the others. */
async function bounded(test: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Cannot end in ${LIMIT_MS} ms`)), LIMIT_MS);
  try {
    await Promise.race([test, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isEngine(name: string): name is EngineName {
  return name in ENGINES;
}

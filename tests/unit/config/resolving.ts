import { assertEquals } from "@std/assert";
import type { Subject } from "../../../src/config/assets_rules.ts";
import { type ResolvedOptions, resolveOptions } from "../../../src/config/resolve.ts";
import type { Resolution } from "../../../src/config/resolve.ts";

/** The least that is valid. */
export const REQUIRED = ["--pull", "p", "--id", "i", "--exec", "e"];

/** Where else than from arguments options may come. */
export interface Surroundings {
  env?: Record<string, string>;
  /** Text of `blog.yaml`. */
  file?: string;
  /** @default {"program"} */
  subject?: Subject;
}

/** Resolves `args`; the only file there is is `blog.yaml`. */
export function resolve(
  args: readonly string[],
  { env = {}, file, subject = "program" }: Surroundings = {},
): Resolution {
  return resolveOptions({
    args,
    env,
    subject,
    readFile(path) {
      if (path === "blog.yaml" && file !== undefined) return file;
      throw new Deno.errors.NotFound("No such file or directory (os error 2)");
    },
  });
}

/** The options of valid input. */
export function resolved(args: readonly string[], surroundings?: Surroundings): ResolvedOptions {
  const resolution = resolve(args, surroundings);
  if (resolution.kind !== "config") throw new Error(Deno.inspect(resolution));
  return resolution.resolved;
}

/** The complaints about bad input. */
export function errors(args: readonly string[], surroundings?: Surroundings): readonly string[] {
  const resolution = resolve(args, surroundings);
  if (resolution.kind !== "errors") throw new Error(Deno.inspect(resolution));
  return resolution.errors;
}

/** Asserts that the required options and `args` together lead to exactly `message`. */
export function assertRefused(args: readonly string[], message: string): void {
  assertEquals(errors([...REQUIRED, ...args]), [message], args.join(" "));
}

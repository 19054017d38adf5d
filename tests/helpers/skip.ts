import { isInstalled } from "../../scripts/lib/command.ts";

/** Whether a test can run here; `why` is for people. */
export type Requirement = { ok: true } | { ok: false; why: string };

/** The part of a test definition that {@linkcode needs} fills in. */
export interface Skip {
  ignore: boolean;
}

/**
 * Skips a test whose requirements are not met, and says so: `scripts/test.ts` collects the
 * reasons, so that a skipped test never looks like a passed one.
 *
 * @example Usage
 * ```ts no-assert ignore
 * Deno.test({ name: "talks to Docker", ...needs(program("dockerd")), fn: () => {} });
 * ```
 */
export function needs(...requirements: Requirement[]): Skip {
  const unmet = requirements.flatMap((requirement) => requirement.ok ? [] : [requirement.why]);
  if (unmet.length > 0) announce(unmet.join("; "));
  return { ignore: unmet.length > 0 };
}

/** Met when `condition` holds. */
export function requirement(condition: boolean, why: string): Requirement {
  return condition ? { ok: true } : { ok: false, why };
}

/** Met when every one of `names` is an executable on PATH. */
export function program(...names: string[]): Requirement {
  const missing = names.filter((name) => !isInstalled(name));
  return requirement(missing.length === 0, `${missing.join(", ")} not installed`);
}

/** Met on Linux. */
export function linux(): Requirement {
  return requirement(Deno.build.os === "linux", `needs Linux, this is ${Deno.build.os}`);
}

/** Met for the superuser. */
export function root(): Requirement {
  return requirement(Deno.build.os !== "windows" && Deno.uid() === 0, "needs root");
}

function announce(why: string): void {
  const file = new Error().stack?.match(/tests\/(?!helpers\/)[\w./-]+_test\.ts/)?.[0] ?? "a test";
  console.error(`skipped: ${file}: ${why}`);
}

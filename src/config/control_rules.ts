import { isLoopback } from "../platform/loopback.ts";
import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";

const HOOK_FLAGS: readonly Flag[] = ["before-hook", "after-hook", "on-failure-hook"];

/** Options of control, updates and hooks that do not go together. */
export function controlProblems(
  draft: Draft,
  env: Readonly<Record<string, string>>,
): Problem[] {
  return [
    ...openControl(draft, env),
    ...controlPort(draft),
    ...lonelyTimeout(draft),
    ...contrary(draft, "notify-only", "on-demand", "with --on-demand nothing is found by itself"),
    ...coldRecreate(draft),
  ];
}

function openControl(draft: Draft, env: Readonly<Record<string, string>>): Problem[] {
  const listen = draft.values["control-listen"];
  if (listen === undefined || listen === null || isLoopback(listen.host)) return [];
  const mayHaveToken = isAskedFor(draft, "control-token-file") || env.CREDENTIALS_DIRECTORY;
  if (mayHaveToken) return [];
  const complaint = "anybody who reaches this address could take control, " +
    "give --control-token-file or a loopback address";
  return [problemWith(draft, "control-listen", complaint)];
}

function controlPort(draft: Draft): Problem[] {
  const { values } = draft;
  const port = values["control-listen"]?.port;
  if (port === undefined) {
    const useless = (["control-token-file", "webhook-secret-file"] as const)
      .filter((flag) => isAskedFor(draft, flag) && values["control-listen"] === null);
    return useless.map((flag) =>
      problemWith(draft, flag, "there is no --control-listen, give one")
    );
  }
  const taken = [
    ...(values.port ?? []).map(({ listen }) => listen),
    values["child-port1"],
    values["child-port2"],
  ];
  if (!taken.includes(port)) return [];
  return [problemWith(draft, "control-listen", `port ${port} is used twice, give another one`)];
}

function lonelyTimeout(draft: Draft): Problem[] {
  if (!isAskedFor(draft, "hook-timeout")) return [];
  if (HOOK_FLAGS.some((flag) => isAskedFor(draft, flag))) return [];
  return [problemWith(draft, "hook-timeout", "there is no hook, give one or remove this")];
}

function contrary(draft: Draft, flag: Flag, other: Flag, why: string): Problem[] {
  if (!isAskedFor(draft, flag) || !isAskedFor(draft, other)) return [];
  return [problemWith(draft, flag, `${why}, remove one`)];
}

function coldRecreate({ values, origins }: Draft): Problem[] {
  const keepWarmMs = values["keep-warm"] ?? 0;
  if (keepWarmMs === 0 || values.strategy !== "recreate") return [];
  const complaint = "two copies may not coexist with --strategy recreate, remove one";
  return [problemWith({ values, origins }, "keep-warm", complaint)];
}

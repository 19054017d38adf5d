import { parseRunOptions } from "../container/run_options.ts";
import type { RunContext } from "../container/run/draft.ts";
import { placesOf, sharedState } from "../container/shared_state.ts";
import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";
import { CONTAINERS } from "./table/containers.ts";
import { DATA } from "./table/data.ts";

/** Of no use where nothing is saved. */
const ONLY_WITH_SNAPSHOT = [
  "snapshot-restore",
  "snapshot-timeout",
  "keep-snapshots",
  "keep-snapshots-size",
] as const satisfies readonly Flag[];

/** Of no use where an engine starts what runs. */
const FOR_PROCESSES: readonly Flag[] = [
  "exec",
  "stop",
  "pull",
  "id",
  "pull-timeout",
  "id-timeout",
  "child-host",
  "child-port1",
  "child-port2",
  "child-logs",
  "stop-signal",
  "health-port-offset",
];

/** What containers cannot be asked for, and what nothing else can. */
export function containerProblems(draft: Draft, context: RunContext): Problem[] {
  return isAskedFor(draft, "image")
    ? [
      ...uselessForContainers(draft, "--image"),
      ...unreadable(draft, context),
      ...registryProblems(draft),
      ...signatureProblems(draft),
      ...surgeProblems(draft),
      ...overlapProblems(draft, context),
      ...dataProblems(draft),
      ...restoreProblems(draft),
      ...nothingToCopy(draft, context),
    ]
    : lonely(draft);
}

/** Why two copies should not run at the same time, for people; empty: they may. */
export function reasonsToRecreate(
  values: Draft["values"],
  context: RunContext,
): readonly string[] {
  const { migration, migrate = [], snapshot, "shared-volume": shared } = values;
  const reasons: string[] = [];
  if (shared !== "safe") reasons.push(...sharedParts(values["run-options"] ?? [], context));
  if (migrate.length > 0 && migration === "destructive") {
    reasons.push("the old version cannot live with what --migrate leaves");
  }
  if (snapshot?.kind === "volumes") {
    reasons.push("volumes can only be copied while nobody writes to them");
  } else if (snapshot && !(migrate.length > 0 && migration === "additive")) {
    reasons.push("what the old version writes meanwhile would be lost when the data is restored");
  }
  return reasons;
}

function sharedParts(words: readonly string[], context: RunContext): readonly string[] {
  try {
    const { body } = parseRunOptions(words, context);
    return sharedState(body, { volumes: [] }).shared.map(({ why }) => why);
  } catch {
    // What cannot be read is told as that.
    return [];
  }
}

function lonely(draft: Draft): Problem[] {
  const flags = [...Object.keys(CONTAINERS), ...Object.keys(DATA)] as Flag[];
  return flags.filter((flag) => flag !== "image" && isAskedFor(draft, flag)).map((flag) =>
    problemWith(draft, flag, "only for containers, but there is no --image")
  );
}

/** What is of no use to containers, which `asking` asks for. */
export function uselessForContainers(draft: Draft, asking: string): Problem[] {
  const flags = FOR_PROCESSES.filter((flag) => isAskedFor(draft, flag));
  const problems = flags.map((flag) =>
    problemWith(draft, flag, `not for containers, which ${asking} asks for, remove one`)
  );
  if (draft.values.healthcheck?.kind !== "notify") return problems;
  const complaint = "containers have no socket to speak on, give a path, tcp or exec:CMD";
  return [...problems, problemWith(draft, "healthcheck", complaint)];
}

function unreadable(draft: Draft, context: RunContext): Problem[] {
  try {
    parseRunOptions(draft.values["run-options"] ?? [], context);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return [problemWith(draft, "run-options", error.message)];
  }
}

function registryProblems(draft: Draft): Problem[] {
  const { registry, image } = draft.values;
  if (!registry || !image) return [];
  if (registry.kind !== "oci") {
    const complaint = "the versions of --image are tags of an image, give img://… or remove one";
    return [problemWith(draft, "registry", complaint)];
  }
  if (image.tag !== null || image.digest !== null) {
    const complaint = "versions come from --registry, leave the tag and the digest out";
    return [problemWith(draft, "image", complaint)];
  }
  const isSame = registry.host === image.host && registry.repository === image.repository;
  if (isSame) return [];
  return [problemWith(draft, "image", "it is not the image that --registry names")];
}

/** Signatures are in the registry. */
export function signatureProblems(draft: Draft): Problem[] {
  if (draft.values["pull-policy"] !== "never") return [];
  const flags = (["cosign-key", "cosign-identity"] as const).filter((flag) =>
    isAskedFor(draft, flag)
  );
  const complaint = "with --pull-policy never no registry is asked for signatures, remove one";
  return flags.map((flag) => problemWith(draft, flag, complaint));
}

function surgeProblems(draft: Draft): Problem[] {
  const { "max-surge": surge = 0, replicas = 1 } = draft.values;
  if (surge === 0) return [];
  if (draft.values.strategy === "recreate") {
    const complaint = "with --strategy recreate nothing runs beside anything, remove one";
    return [problemWith(draft, "max-surge", complaint)];
  }
  if (replicas > 1) return [];
  return [problemWith(draft, "max-surge", "there is only one of --replicas, remove one")];
}

/** What stands in the way of two copies that were asked for. */
export function overlapProblems(draft: Draft, context: RunContext): Problem[] {
  if (!isAskedFor(draft, "strategy") || draft.values.strategy === "recreate") return [];
  return reasonsToRecreate(draft.values, context).map((why) => {
    const fix = why.startsWith("both copies") ? "; if that is safe, give --shared-volume safe" : "";
    return problemWith(draft, "strategy", `blue-green is not possible: ${why}${fix}`);
  });
}

/** What does not go together where data is changed. */
export function dataProblems(draft: Draft): Problem[] {
  const { migrate = [], migration, snapshot, "migrate-back": back = [] } = draft.values;
  const problems: Problem[] = [];
  const without = (flag: Flag, complaint: string) => {
    if (isAskedFor(draft, flag)) problems.push(problemWith(draft, flag, complaint));
  };
  if (migrate.length === 0) {
    for (const flag of ["migration", "migrate-back", "migrate-timeout"] as const) {
      without(flag, "there is no --migrate");
    }
  } else if (migration === "destructive" && !snapshot) {
    problems.push(
      problemWith(draft, "migration", "what is destroyed has to be saved: give --snapshot"),
    );
  } else if (migration === "reversible" && back.length === 0) {
    problems.push(
      problemWith(draft, "migration", "nobody knows how to reverse it: give --migrate-back"),
    );
  }
  if (migrate.length > 0 && migration !== "reversible") {
    without("migrate-back", `the migration is ${migration}, not reversible`);
  }
  if (!snapshot) {
    for (const flag of ONLY_WITH_SNAPSHOT) {
      without(flag, "there is no --snapshot");
    }
  }
  return problems;
}

/** What is saved one way is put back the same way. */
export function restoreProblems(draft: Draft): Problem[] {
  const { snapshot } = draft.values;
  const hasRestore = isAskedFor(draft, "snapshot-restore");
  if (snapshot?.kind === "command" && !hasRestore) {
    const complaint = "what it saves could not be put back: give --snapshot-restore";
    return [problemWith(draft, "snapshot", complaint)];
  }
  if (snapshot?.kind !== "volumes" || !hasRestore) return [];
  const complaint = "copies of volumes are put back without a command, remove one";
  return [problemWith(draft, "snapshot-restore", complaint)];
}

function nothingToCopy(draft: Draft, context: RunContext): Problem[] {
  if (draft.values.snapshot?.kind !== "volumes") return [];
  if (writableVolumes(draft.values["run-options"] ?? [], context) > 0) return [];
  const complaint = "there is nothing to copy: --run-options have no writable volume or directory";
  return [problemWith(draft, "snapshot", complaint)];
}

function writableVolumes(words: readonly string[], context: RunContext): number {
  try {
    const places = placesOf(parseRunOptions(words, context).body);
    return places.filter(({ source, isWritable }) => isWritable && source !== "").length;
  } catch {
    // What cannot be read is told as that.
    return 1;
  }
}

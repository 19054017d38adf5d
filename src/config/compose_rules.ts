import type { RunContext } from "../container/run/draft.ts";
import {
  dataProblems,
  overlapProblems,
  restoreProblems,
  signatureProblems,
  uselessForContainers,
} from "./container_rules.ts";
import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";
import { COMPOSE } from "./table/compose.ts";

/** What the compose file itself says. */
const SAID_BY_FILE: readonly Flag[] = ["image", "replicas", "run-options"];

/** Whether services of a compose file are kept up to date. */
export function isForCompose({ values }: Draft): boolean {
  return (values["compose-file"] ?? []).length > 0;
}

/** What services of a compose file cannot be asked for, and what nothing else can. */
export function composeProblems(draft: Draft, context: RunContext): Problem[] {
  if (!isForCompose(draft)) return lonely(draft);
  return [
    ...missing(draft),
    ...uselessForContainers(draft, "--compose-file"),
    ...refused(draft, SAID_BY_FILE, "the compose file says that, remove one"),
    ...refused(draft, ["max-surge"], "services are replaced as a whole, remove it"),
    ...signatureProblems(draft),
    ...versionProblems(draft),
    ...overlapProblems(draft, context),
    ...dataProblems(draft),
    ...restoreProblems(draft),
  ];
}

function lonely(draft: Draft): Problem[] {
  const flags = (Object.keys(COMPOSE) as Flag[]).filter((flag) => isAskedFor(draft, flag));
  return refused(draft, flags, "only for services, but there is no --compose-file");
}

function missing({ values }: Draft): Problem[] {
  if ((values.service ?? []).length > 0) return [];
  return [{ flag: "service", message: "--service is required: give the service to update" }];
}

function versionProblems(draft: Draft): Problem[] {
  const { registry, "env-key": key, "env-file": file } = draft.values;
  const problems: Problem[] = [];
  if (registry && registry.kind !== "oci") {
    const complaint = "the versions of a service are tags of its image, give img://… or remove it";
    problems.push(problemWith(draft, "registry", complaint));
  }
  if (!key) return problems;
  if (!file) problems.push(problemWith(draft, "env-key", "there is no --env-file that it is in"));
  if (!registry) {
    const complaint = "nobody names versions to set it to, give --registry img://…";
    problems.push(problemWith(draft, "env-key", complaint));
  }
  return problems;
}

function refused(draft: Draft, flags: readonly Flag[], complaint: string): Problem[] {
  return flags.filter((flag) => isAskedFor(draft, flag))
    .map((flag) => problemWith(draft, flag, complaint));
}

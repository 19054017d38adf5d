import { formatDuration } from "../values/duration.ts";
import { controlProblems } from "./control_rules.ts";
import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import { engineProblems } from "./engine_rules.ts";
import type { Problem } from "./given.ts";
import { formatHealthCheck } from "./health_kind.ts";
import type { Flag } from "./options.ts";
import { portProblems } from "./port_rules.ts";
import { releaseProblems } from "./release_rules.ts";
import { TEMPLATES, unknownTemplates } from "./templates.ts";

const HTTP_PROBES: readonly Flag[] = ["health-status", "health-host"];

/** What no single value can tell: values that do not go together. */
export function contradictions(
  draft: Draft,
  env: Readonly<Record<string, string>> = {},
): Problem[] {
  return [
    ...badTemplates(draft, "exec", draft.values.exec),
    ...badTemplates(draft, "stop", draft.values.stop),
    ...portProblems(draft),
    ...lonely(draft, "tls-cert", "tls-key", "give both or none"),
    ...lonely(draft, "tls-key", "tls-cert", "give both or none"),
    ...lonely(draft, "cosign-identity", "cosign-issuer", "say who vouches for the identity"),
    ...lonely(draft, "cosign-issuer", "cosign-identity", "say who must have signed"),
    ...lonely(draft, "access-log-format", "access-log", "give a file, or - for standard output"),
    ...unavailableProblems(draft),
    ...distrust(draft),
    ...releaseProblems(draft),
    ...healthProblems(draft),
    ...engineProblems(draft),
    ...controlProblems(draft, env),
  ];
}

/** It is of hosts, or of containers; with both, of hosts. */
function unavailableProblems(draft: Draft): Problem[] {
  const { "max-surge": surge = 0, replicas = 1, "max-unavailable": missing } = draft.values;
  const flag = "max-unavailable";
  if (!isAskedFor(draft, flag) || draft.values.fleet) return [];
  if (surge === 0) {
    return lonely(draft, flag, "fleet", "give the place where hosts take turns");
  }
  if ((missing ?? 0) < replicas) return [];
  const complaint = `of ${replicas} containers one at least has to serve, give less`;
  return [problemWith(draft, flag, complaint)];
}

function badTemplates(
  draft: Draft,
  flag: Flag,
  command: string | null | undefined,
  known: readonly string[] = TEMPLATES,
): Problem[] {
  return unknownTemplates(command ?? "", known)
    .map((complaint) => problemWith(draft, flag, complaint));
}

function lonely(draft: Draft, flag: Flag, other: Flag, fix: string): Problem[] {
  if (!isAskedFor(draft, flag) || isAskedFor(draft, other)) return [];
  return [problemWith(draft, flag, `there is no --${other}, ${fix}`)];
}

function distrust(draft: Draft): Problem[] {
  const { "proxy-protocol": speaks, "trusted-proxies": trusted } = draft.values;
  if (!speaks || trusted?.length !== 0) return [];
  const complaint = "nobody is trusted to send it, give --trusted-proxies";
  return [problemWith(draft, "proxy-protocol", complaint)];
}

function healthProblems(draft: Draft): Problem[] {
  const check = draft.values.healthcheck;
  if (check === undefined || check.kind === "http") return [];
  const only = `--healthcheck is ${formatHealthCheck(check)}`;
  const complaint = `only for probes by HTTP, but ${only}, remove one`;
  const useless = HTTP_PROBES.filter((flag) => isAskedFor(draft, flag))
    .map((flag) => problemWith(draft, flag, complaint));
  const isSilent = check.kind === "notify" || check.kind === "timer";
  if (isSilent && isAskedFor(draft, "health-port-offset")) {
    const complaint = `no port is asked, as ${only}, remove one`;
    return [...useless, problemWith(draft, "health-port-offset", complaint)];
  }
  if (check.kind === "timer") return [...useless, ...tooLong(draft, check.aliveMs)];
  if (check.kind !== "exec") return useless;
  // It cannot stand for itself.
  const known = TEMPLATES.filter((name) => name !== "HEALTHCHECK");
  return [...badTemplates(draft, "healthcheck", check.command, known), ...useless];
}

function tooLong(draft: Draft, aliveMs: number): Problem[] {
  const limitMs = draft.values["health-timeout"] ?? Infinity;
  if (aliveMs < limitMs) return [];
  const [life, limit] = [aliveMs, limitMs].map(formatDuration);
  const complaint = `nobody lives for ${life} within --health-timeout ${limit}, give less`;
  return [problemWith(draft, "healthcheck", complaint)];
}

import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";
import { CLIENTS } from "./table/clients.ts";
import { HEALTH } from "./table/health.ts";

/** What is kept at the newest release: something that runs, or files. */
export const SUBJECTS = ["program", "assets"] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Of no use to files, however they are served. */
const FOR_PROGRAMS: ReadonlySet<Flag> = new Set<Flag>([
  "pull",
  "id",
  "exec",
  "stop",
  "pull-timeout",
  "id-timeout",
  "strategy",
  "min-healthy",
  "keep-warm",
  "port",
  "child-host",
  "child-port1",
  "child-port2",
  ...(Object.keys(HEALTH) as (keyof typeof HEALTH)[]).filter((flag) => flag !== "drain-timeout"),
  "response-head-timeout",
  "retry-unsafe",
  "retry-status",
  "replay-buffer",
  "connect-timeout",
  "response-idle-timeout",
  "tunnel-idle-timeout",
  "forwarded",
  "via",
  "child-logs",
  "socket-protocol",
]);

/** Of use to files that are served. */
const FOR_SERVING: ReadonlySet<Flag> = new Set<Flag>([
  "host",
  "handover",
  "tls-cert",
  "tls-key",
  "proxy-protocol",
  "drain-timeout",
  "engine",
  "queue-timeout",
  "queue-limit",
  "trusted-proxies",
  ...(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]),
  "access-log",
  "access-log-format",
]);

/** Whether an option can do anything for files. */
export function isForAssets(flag: Flag): boolean {
  return !FOR_PROGRAMS.has(flag);
}

/** What files cannot be asked for; `serve` for what is no file. */
export function subjectProblems(draft: Draft, subject: Subject): Problem[] {
  if (subject === "program") {
    if (!isAskedFor(draft, "serve")) return [];
    return [problemWith(draft, "serve", "only for liveroll assets, here give --port")];
  }
  return [...noFiles(draft), ...useless(draft), ...unserved(draft)];
}

/** Options as the other rules may see them: nothing has a port but what serves. */
export function draftOf(draft: Draft, subject: Subject): Draft {
  if (subject === "program") return draft;
  const { "child-port1": _, "child-port2": __, port: ___, ...values } = draft.values;
  const { serve } = values;
  if (typeof serve !== "number") return { ...draft, values };
  return { ...draft, values: { ...values, port: [{ listen: serve, backend: { offset: 0 } }] } };
}

function noFiles(draft: Draft): Problem[] {
  const { registry, engine } = draft.values;
  const fix = "give another engine";
  return [
    ...registry?.kind === "oci"
      ? [problemWith(draft, "registry", "an image has no files to keep, give another registry")]
      : [],
    ...engine === "direct"
      ? [problemWith(draft, "engine", `direct is for children, and files have none, ${fix}`)]
      : [],
  ];
}

function useless(draft: Draft): Problem[] {
  return [...FOR_PROGRAMS].filter((flag) => isAskedFor(draft, flag)).map((flag) => {
    const fix = flag === "port" ? "give --serve" : "remove it";
    return problemWith(draft, flag, `not for liveroll assets, which runs nothing, ${fix}`);
  });
}

function unserved(draft: Draft): Problem[] {
  if (isAskedFor(draft, "serve")) return [];
  return [...FOR_SERVING].filter((flag) => isAskedFor(draft, flag)).map((flag) =>
    problemWith(draft, flag, "only for files that are served, give --serve or remove it")
  );
}

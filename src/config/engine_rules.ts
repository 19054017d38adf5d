import { PROXY_ENGINES, type ProxyEngine } from "./config.ts";
import { directProblems } from "./direct_rules.ts";
import { type Draft, isAskedFor, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";

/** What only an engine that reads requests itself can do. */
const FOR_OWN_READERS: readonly Flag[] = [
  "replay-buffer",
  "response-idle-timeout",
  "forwarded",
  "via",
  "client-idle-timeout",
  "client-body-timeout",
  "client-send-timeout",
  "max-head-size",
  "max-headers",
  "max-target",
  "max-body",
];

/** What an engine cannot do. */
const BEYOND: Readonly<Record<ProxyEngine, readonly Flag[]>> = {
  relay: [],
  fetch: [
    ...FOR_OWN_READERS,
    "client-head-timeout",
    "handover",
    "join",
    "proxy-protocol",
    "connect-timeout",
    "tunnel-idle-timeout",
    "max-connections",
  ],
  tcp: [
    ...FOR_OWN_READERS,
    "tunnel-grace",
    "response-head-timeout",
    "retry-unsafe",
    "retry-status",
  ],
};

/** What bytes that nobody looks into need only where something comes before them, and what that is. */
const FOR_PRELUDES: readonly { flag: Flag; before: readonly Flag[] }[] = [
  { flag: "trusted-proxies", before: ["proxy-protocol"] },
  { flag: "client-head-timeout", before: ["proxy-protocol", "tls-cert"] },
];

/** The engines, among those of a proxy, that can do what an option asks for. */
export function enginesWith(flag: Flag): readonly ProxyEngine[] {
  return PROXY_ENGINES.filter((engine) => !BEYOND[engine].includes(flag));
}

/** What was asked for and the engine cannot do. */
export function engineProblems(draft: Draft): Problem[] {
  const { engine } = draft.values;
  if (engine === undefined) return [];
  if (engine === "direct") return directProblems(draft);
  const lonely = isAskedFor(draft, "socket-protocol")
    ? [problemWith(draft, "socket-protocol", "only with --engine direct, give that or remove it")]
    : [];
  const useless = BEYOND[engine].filter((flag) => isAskedFor(draft, flag)).map((flag) => {
    return problemWith(draft, flag, `not with --engine ${engine}, ${fixFor(flag)}`);
  });
  return [...lonely, ...useless, ...withoutPrelude(draft)];
}

function fixFor(flag: Flag): string {
  return `give --engine ${enginesWith(flag).join(" or ")}, or remove it`;
}

function withoutPrelude(draft: Draft): Problem[] {
  if (draft.values.engine !== "tcp") return [];
  return FOR_PRELUDES.filter(({ flag, before }) =>
    isAskedFor(draft, flag) && !before.some((other) => isAskedFor(draft, other))
  ).map(({ flag, before }) => {
    const names = before.map((other) => `--${other}`).join(" or ");
    const complaint = `with --engine tcp only for ${names}, give that or remove it`;
    return problemWith(draft, flag, complaint);
  });
}

import { parseIp } from "../platform/cidr.ts";
import { type Draft, isAskedFor, isContained, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Flag } from "./options.ts";
import { CLIENTS } from "./table/clients.ts";
import { REQUESTS } from "./table/requests.ts";

/** What only somebody can do through whom the traffic passes. */
const FOR_PROXIES: readonly Flag[] = [
  ...(Object.keys(REQUESTS) as (keyof typeof REQUESTS)[])
    .filter((flag) => flag !== "engine" && flag !== "socket-protocol"),
  ...(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]),
  "tls-cert",
  "tls-key",
  "proxy-protocol",
  "access-log",
  "access-log-format",
  "tunnel-grace",
];

/** What cannot be done where children accept from the public socket themselves. */
export function directProblems(draft: Draft): Problem[] {
  return [
    ...FOR_PROXIES.filter((flag) => isAskedFor(draft, flag)).map((flag) =>
      problemWith(draft, flag, "not with --engine direct, which has no proxy, remove it")
    ),
    ...noTimeToDrain(draft),
    ...notOurChildren(draft),
    ...badHost(draft),
  ];
}

/** Whether requests are left is only known to the child, which ends when none is. */
function noTimeToDrain(draft: Draft): Problem[] {
  if (!isAskedFor(draft, "drain-timeout")) return [];
  const complaint =
    "not with --engine direct, where a child has --stop-timeout to finish, give that";
  return [problemWith(draft, "drain-timeout", complaint)];
}

function notOurChildren(draft: Draft): Problem[] {
  if (!isContained(draft)) return [];
  const complaint = "a container cannot be given a socket, so not with --engine direct, " +
    "give another engine";
  return [problemWith(draft, "engine", complaint)];
}

function badHost(draft: Draft): Problem[] {
  const { host } = draft.values;
  if (host === undefined || parseIp(host) !== null) return [];
  return [problemWith(draft, "host", `${host} is a name, with --engine direct give an IP address`)];
}

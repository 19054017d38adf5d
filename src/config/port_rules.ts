import { parseIp } from "../platform/cidr.ts";
import type { PortMapping } from "./config.ts";
import { type Draft, problemWith } from "./draft.ts";
import type { Problem } from "./given.ts";
import type { Values } from "./options.ts";
import { formatMapping } from "./port_kind.ts";

const CHILD_FLAGS = ["child-port1", "child-port2"] as const;
const LAST_PORT = 65_535;

type ChildFlag = (typeof CHILD_FLAGS)[number];
type PortFlag = "port" | ChildFlag;

/** A port and what it is called; ports of different owners must differ. */
interface Claim {
  readonly owner: "public" | "fixed" | ChildFlag;
  readonly label: string;
  readonly port: number;
}

/** Ports that are there twice, or that nobody could serve. */
export function portProblems(draft: Draft): Problem[] {
  const complaint = mappingComplaint(draft.values);
  return [
    ...complaint === null ? badFurtherPorts(draft) : [problemWith(draft, "port", complaint)],
    ...equalPorts(draft, "port", "child-port1"),
    ...equalPorts(draft, "port", "child-port2"),
    ...equalPorts(draft, "child-port1", "child-port2"),
    ...badHealthPorts(draft),
  ];
}

function mappingComplaint({ port, engine, strategy }: Partial<Values>): string | null {
  const mappings: readonly PortMapping[] = port ?? [];
  const isTcp = engine === undefined || engine === "tcp";
  if (mappings.length > 1 && !isTcp && engine !== "direct") {
    return `several ports need --engine tcp or direct, with ${engine} give one`;
  }
  const special = mappings.find((mapping) => !isPlain(mapping));
  if (special && !isTcp) {
    return `${formatMapping(special)} leads to another port of the child, ` +
      `which needs --engine tcp; with ${engine} give ${special.listen}`;
  }
  const twice = mappings.find(({ listen }, i) =>
    mappings.findIndex((other) => other.listen === listen) < i
  );
  if (twice) return `${twice.listen} is there twice, remove one`;
  const fixed = mappings.find(({ backend }) => "port" in backend);
  if (!fixed || strategy !== "blue-green") return null;
  return `${formatMapping(fixed)} is a fixed port, but two children run side by side during a ` +
    `roll; give ${fixed.listen}:+N for the child's port plus N, or --strategy recreate`;
}

function isPlain({ backend }: PortMapping): boolean {
  return "offset" in backend && backend.offset === 0;
}

function equalPorts(draft: Draft, first: PortFlag, second: PortFlag): Problem[] {
  const { values, origins } = draft;
  const taken = portsOf(values, first);
  const port = portsOf(values, second).find((port) => taken.includes(port));
  if (port === undefined) return [];
  // Blame what somebody wrote rather than a default.
  const written = origins[second].from !== "default" || origins[first].from === "default";
  const [flag, other] = written ? [second, first] : [first, second];
  const note = origins[other].from === "default" ? " (its default)" : "";
  return [problemWith(draft, flag, `${port} is also --${other}${note}, give another port`)];
}

function portsOf(values: Partial<Values>, flag: PortFlag): number[] {
  if (flag === "port") return (values.port ?? []).map(({ listen }) => listen);
  return values[flag] === undefined ? [] : [values[flag]];
}

/** Ports of a child beside the one that it is told. */
function badFurtherPorts(draft: Draft): Problem[] {
  const claims = basicClaims(draft.values);
  const problems: Problem[] = [];
  for (const claim of furtherClaims(draft.values)) {
    const complaint = furtherComplaint(claim, claims, draft.values);
    if (complaint === null) claims.push(claim);
    else problems.push(problemWith(draft, "port", `${claim.label} is ${complaint}`));
  }
  return problems;
}

function furtherComplaint(
  claim: Claim,
  claims: readonly Claim[],
  { host, "child-host": childHost }: Partial<Values>,
): string | null {
  const { port, owner } = claim;
  if (port > LAST_PORT) return `${port}, which is no port`;
  const other = claims.find((other) => other.port === port && other.owner !== owner);
  if (other === undefined) return null;
  if (other.owner === "public" && owner === "fixed" && areApart(host, childHost)) return null;
  return `${port}, which is ${other.label}, give another`;
}

function basicClaims(values: Partial<Values>): Claim[] {
  return [
    ...portsOf(values, "port").map((port): Claim => ({ owner: "public", label: "--port", port })),
    ...CHILD_FLAGS.flatMap((flag) =>
      portsOf(values, flag).map((port): Claim => ({ owner: flag, label: `--${flag}`, port }))
    ),
  ];
}

function furtherClaims(values: Partial<Values>): Claim[] {
  return (values.port ?? []).flatMap((mapping): Claim[] => {
    const { backend } = mapping;
    if ("port" in backend) {
      const label = `the child's port in ${formatMapping(mapping)}`;
      return [{ owner: "fixed", label, port: backend.port }];
    }
    if (backend.offset === 0) return [];
    return CHILD_FLAGS.flatMap((flag) =>
      portsOf(values, flag).map((port): Claim => ({
        owner: flag,
        label: `--${flag} + ${backend.offset}`,
        port: port + backend.offset,
      }))
    );
  });
}

/** Whether two addresses are so different that both can have the same port. */
function areApart(first: string | undefined, second: string | undefined): boolean {
  const [one, two] = [first, second].map((host) => parseIp(host ?? ""));
  if (!one || !two || [one, two].some((ip) => ip.every((byte) => byte === 0))) return false;
  return one.join() !== two.join();
}

function badHealthPorts(draft: Draft): Problem[] {
  const { values } = draft;
  const offset = values["health-port-offset"] ?? 0;
  if (offset === 0) return [];
  const claims = [...basicClaims(values), ...furtherClaims(values)];
  return CHILD_FLAGS.flatMap((flag) => {
    const child = values[flag];
    const complaint = child === undefined ? null : healthComplaint(flag, child + offset, claims);
    if (complaint === null) return [];
    return [problemWith(draft, "health-port-offset", `--${flag} + ${offset} is ${complaint}`)];
  });
}

function healthComplaint(
  child: ChildFlag,
  port: number,
  claims: readonly Claim[],
): string | null {
  if (port < 1 || port > LAST_PORT) return `${port}, which is no port`;
  // The answer would come from somebody else than the child that is judged.
  const other = claims.find(({ owner, port: taken }) =>
    taken === port && owner !== child && owner !== "fixed"
  );
  return other === undefined ? null : `${port}, which is ${other.label}, give another offset`;
}

import { blame, type Origin, type Problem } from "./given.ts";
import type { Flag, Values } from "./options.ts";
import { unknownTemplates } from "./templates.ts";

/** What could be read, and where from. */
export interface Draft {
  readonly values: Partial<Values>;
  readonly origins: Readonly<Record<Flag, Origin>>;
}

/** What no single value can tell: values that do not go together. */
export function contradictions(draft: Draft): Problem[] {
  return [
    ...badTemplates(draft, "exec"),
    ...badTemplates(draft, "stop"),
    ...equalPorts(draft, "port", "child-port1"),
    ...equalPorts(draft, "port", "child-port2"),
    ...equalPorts(draft, "child-port1", "child-port2"),
    ...badHealthPorts(draft),
  ];
}

function badTemplates({ values, origins }: Draft, flag: "exec" | "stop"): Problem[] {
  return unknownTemplates(values[flag] ?? "")
    .map((complaint) => ({ flag, message: `${blame(flag, origins[flag])}: ${complaint}` }));
}

type PortFlag = "port" | "child-port1" | "child-port2";

function equalPorts({ values, origins }: Draft, first: PortFlag, second: PortFlag): Problem[] {
  const port = values[second];
  if (port === undefined || port !== values[first]) return [];
  // Blame what somebody wrote rather than a default.
  const written = origins[second].from !== "default" || origins[first].from === "default";
  const [flag, other] = written ? [second, first] : [first, second];
  const note = origins[other].from === "default" ? " (its default)" : "";
  const message = `${
    blame(flag, origins[flag])
  }: ${port} is also --${other}${note}, give another port`;
  return [{ flag, message }];
}

function badHealthPorts({ values, origins }: Draft): Problem[] {
  const offset = values["health-port-offset"] ?? 0;
  if (offset === 0) return [];
  const flag = "health-port-offset";
  return (["child-port1", "child-port2"] as const).flatMap((child) => {
    const port = values[child];
    const complaint = port === undefined ? null : healthPortComplaint(values, child, port + offset);
    if (complaint === null) return [];
    return [{
      flag,
      message: `${blame(flag, origins[flag])}: --${child} + ${offset} is ${complaint}`,
    }];
  });
}

function healthPortComplaint(
  values: Partial<Values>,
  child: PortFlag,
  port: number,
): string | null {
  if (port < 1 || port > 65_535) return `${port}, which is no port`;
  // The answer would come from somebody else than the child that is judged.
  const owner = (["port", "child-port1", "child-port2"] as const)
    .find((flag) => flag !== child && values[flag] === port);
  return owner === undefined ? null : `${port}, which is --${owner}, give another offset`;
}

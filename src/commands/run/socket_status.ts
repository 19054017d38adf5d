import type { Config } from "../../config/config.ts";
import type { SocketStatus } from "../../control/operator.ts";
import { describeMode, handoverMode } from "../../handover/means.ts";
import type { SocketOrigin } from "../../handover/socket_origin.ts";

/** What is known of the public sockets. */
export interface SocketFacts {
  readonly origins: readonly SocketOrigin[];
  /** Whether a `.socket` unit holds all of them. */
  readonly activated: boolean;
  /** What the service manager keeps of them. */
  readonly kept: { readonly isOn: boolean; readonly problem: string | null };
}

/**
 * How the public sockets outlive this process.
 *
 * @param facts Null: they were simply opened.
 */
export function socketStatus(
  { ports, handover }: Pick<Config, "ports" | "handover">,
  facts: SocketFacts | null,
): SocketStatus {
  const mode = handoverMode();
  const isHanded = handover !== null && mode.name === "full";
  const passedBy: SocketStatus["passedBy"] = [];
  if (isHanded) passedBy.push("directory");
  if (facts?.activated) passedBy.push("systemd_socket");
  if (facts?.origins.includes("server_starter")) passedBy.push("server_starter");
  if (facts?.kept.isOn && !facts.activated && facts.kept.problem === null) passedBy.push("store");
  const cannot = handover !== null && mode.name !== "full" ? describeMode(mode) : null;
  return {
    from: facts === null ? ports.map(() => "bound") : [...facts.origins],
    passedBy,
    problem: cannot ?? facts?.kept.problem ?? null,
  };
}

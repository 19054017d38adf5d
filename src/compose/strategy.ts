import type { ServiceModel, StackModel } from "./model.ts";

/** How one version takes the place of another. */
export type ReplaceStrategy = "blue-green" | "recreate";

/** Why two copies cannot be there at once. */
export type Obstacle =
  | "container_name"
  | "host_port"
  | "host_network"
  | "fixed_address"
  | "device"
  | "network_owner"
  | "shared_volume"
  | "whole_stack";

/** An obstacle in words. */
export interface Reason {
  readonly obstacle: Obstacle;
  readonly text: string;
}

/** What is known of whatever would be there twice. */
export interface CopyFacts {
  readonly containerName: string | null;
  /** Ports of the host that were chosen, as they are written. */
  readonly hostPorts: readonly string[];
  readonly isOnHostNetwork: boolean;
  readonly fixedAddresses: readonly string[];
  readonly devices: readonly string[];
  /** Services that live in its network. */
  readonly networkUsers: readonly string[];
  /** Volumes and directories that both copies could write to. */
  readonly writableMounts: readonly string[];
}

/** Why no stack can be there twice, whatever its services are. */
export const WHOLE_STACK: Reason = {
  obstacle: "whole_stack",
  text:
    "a whole stack cannot be there twice: its services find each other by name, and would find " +
    "both; name the services that may be replaced side by side",
};

/** What the model of a stack says about a second copy of one of its services. */
export function factsOf(service: ServiceModel, { services }: StackModel): CopyFacts {
  return {
    containerName: service.containerName,
    hostPorts: service.ports.flatMap(({ hostIp, published }) =>
      published === null ? [] : [hostIp === null ? published : `${hostIp}:${published}`]
    ),
    isOnHostNetwork: service.networkMode === "host",
    fixedAddresses: service.fixedAddresses,
    devices: service.devices,
    networkUsers: [...services.values()]
      .filter(({ hosts }) => hosts.includes(service.name))
      .map(({ name }) => name),
    writableMounts: service.mounts
      // A volume without a name is each container's own.
      .filter(({ type, source }) => (type === "volume" || type === "bind") && source !== null)
      .filter(({ isReadOnly }) => !isReadOnly)
      .map(({ source }) => source!),
  };
}

/**
 * Everything at once that stands in the way of a second copy, so that it can be removed at once.
 *
 * @param isSharedVolumeSafe The operator says that two copies may write to the same volumes.
 * @returns Nothing: there may be two.
 */
export function obstacles(facts: CopyFacts, isSharedVolumeSafe: boolean): readonly Reason[] {
  const { containerName, hostPorts, fixedAddresses, devices, networkUsers, writableMounts } = facts;
  const shared = isSharedVolumeSafe ? [] : writableMounts;
  const name = containerName === null ? [] : [containerName];
  const host = facts.isOnHostNetwork ? ["host"] : [];
  return [
    ...reason("container_name", name, (it) => `only one container can have the name ${it}`),
    ...reason("host_port", hostPorts, (it) => `only one container can have the host's port ${it}`),
    ...reason("host_network", host, () => "both copies would listen on the host's network"),
    ...reason("fixed_address", fixedAddresses, (it) => `it has a fixed address in network ${it}`),
    ...reason("device", devices, (it) => `both copies would use the device ${it}`),
    ...reason("network_owner", networkUsers, (it) => `${it} lives in its network`),
    ...reason(
      "shared_volume",
      shared,
      (it) => `both copies would write to ${it}; if they may, say --shared-volume safe`,
    ),
  ];
}

function reason(
  obstacle: Obstacle,
  items: readonly string[],
  say: (items: string) => string,
): Reason[] {
  return items.length === 0 ? [] : [{ obstacle, text: say(items.join(", ")) }];
}

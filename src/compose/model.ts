/** A port of a container on the host. */
export interface PortModel {
  /** Null: all addresses. */
  readonly hostIp: string | null;
  /** A port or a range, as it was given; null: any that is free. */
  readonly published: string | null;
  readonly target: string;
  readonly protocol: string;
}

/** What a container has in its file system beside the image. */
export interface MountModel {
  /** `volume`, `bind`, `tmpfs` or what else compose knows. */
  readonly type: string;
  /** The key of a volume, or a path; null: a volume without a name. */
  readonly source: string | null;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** What we have to know of a service. */
export interface ServiceModel {
  readonly name: string;
  /** Null: it only has a build. */
  readonly image: string | null;
  readonly isBuilt: boolean;
  readonly containerName: string | null;
  readonly ports: readonly PortModel[];
  readonly mounts: readonly MountModel[];
  /** For example `host`, or `service:db`; null: networks. */
  readonly networkMode: string | null;
  /** Services whose network, processes or shared memory it lives in. */
  readonly hosts: readonly string[];
  /** When compose pulls its image by itself; null: only when it is missing. */
  readonly pullPolicy: string | null;
  /** Networks in which it has an address that was given to it. */
  readonly fixedAddresses: readonly string[];
  /** Paths of devices on the host. */
  readonly devices: readonly string[];
  /** How many containers the file asks for. */
  readonly replicas: number;
  readonly dependsOn: readonly string[];
  readonly hasHealthcheck: boolean;
  /** Its variables, as far as the files give them values; some are secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A named volume. */
export interface VolumeModel {
  /** As the engine knows it. */
  readonly name: string;
  /** Somebody else has made it. */
  readonly isExternal: boolean;
  /** The files name no driver and no options: a directory of the engine, there at all times. */
  readonly isPlain: boolean;
}

/** What we have to know of a stack. */
export interface StackModel {
  /** `name:` of the file, or what compose made of the directory; null: compose 1 has none. */
  readonly name: string | null;
  readonly services: ReadonlyMap<string, ServiceModel>;
  /** By the key that services use. */
  readonly volumes: ReadonlyMap<string, VolumeModel>;
}

/** @throws {Error} When there is no such service; the message names those that there are. */
export function requireService({ services }: StackModel, name: string): ServiceModel {
  const service = services.get(name);
  if (service !== undefined) return service;
  const names = [...services.keys()].toSorted().join(", ");
  throw new Error(
    `Cannot find the service ${
      JSON.stringify(name)
    } in the compose file: it has ${names}; one in a ` +
      "profile needs COMPOSE_PROFILES",
  );
}

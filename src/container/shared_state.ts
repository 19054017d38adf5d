import type { CreateBody, MountSpec } from "./engine/create_body.ts";
import type { ImageConfig } from "./engine/image_info.ts";

/** Something that two copies of a container would both use. */
export interface SharedPart {
  readonly kind: "volume" | "bind" | "port" | "address";
  /** Name of the volume, path on the host, `8080/tcp`, or the address. */
  readonly what: string;
  /** For people: why it matters. */
  readonly why: string;
}

/** What becomes of the state of a container when another one takes its place. */
export interface SharedState {
  /**
   * What two copies would share: while there is any, they should not run side by side unless
   * somebody says that it is safe.
   */
  readonly shared: readonly SharedPart[];
  /** Paths whose content every new container begins without. */
  readonly lost: readonly string[];
}

/** A writable or read-only place in a container that comes from outside. */
export interface Place {
  readonly kind: "volume" | "bind";
  /** Empty: a volume without a name, of each container its own. */
  readonly source: string;
  readonly target: string;
  readonly isWritable: boolean;
}

/** What copies of a container with `body` would share, and what each would begin without. */
export function sharedState(
  body: Pick<CreateBody, "HostConfig" | "Volumes" | "NetworkingConfig">,
  image: Pick<ImageConfig, "volumes">,
): SharedState {
  const places = placesOf(body);
  const anonymous = [...Object.keys(body.Volumes ?? {}), ...image.volumes, ...unnamed(places)];
  const named = places.filter(({ source }) => source !== "").map(({ target }) => target);
  const tmpfs = Object.keys(body.HostConfig?.Tmpfs ?? {});
  const lost = new Set(anonymous.filter((path) => ![...named, ...tmpfs].includes(path)));
  return {
    shared: [...places.filter(isShared).map(describe), ...ports(body), ...addresses(body)],
    lost: [...lost],
  };
}

/**
 * Paths that an image wants a volume for, and nobody has said which: the engine makes one for each
 * container, and what is in it ends with that.
 */
export function forgottenPlaces(
  body: Pick<CreateBody, "HostConfig" | "Volumes" | "NetworkingConfig">,
  image: Pick<ImageConfig, "volumes">,
): readonly string[] {
  const mounted = (body.HostConfig?.Mounts ?? []).map(({ Target }) => Target);
  const given = [...Object.keys(body.Volumes ?? {}), ...mounted];
  const { lost } = sharedState(body, image);
  return lost.filter((path) => image.volumes.includes(path) && !given.includes(path));
}

/** Everything that comes into a container with `body` from outside, as it was given. */
export function placesOf(body: Pick<CreateBody, "HostConfig">): readonly Place[] {
  return [...bindPlaces(body), ...mountPlaces(body)];
}

function isShared({ source, isWritable }: Place): boolean {
  // Many may speak to one socket.
  return isWritable && source !== "" && !source.endsWith(".sock");
}

function describe({ kind, source, target }: Place): SharedPart {
  const thing = kind === "volume" ? `the volume ${source}` : `the directory or file ${source}`;
  return { kind, what: source, why: `both copies could write to ${thing} at ${target}` };
}

function bindPlaces({ HostConfig }: Pick<CreateBody, "HostConfig">): readonly Place[] {
  return (HostConfig?.Binds ?? []).map((bind) => {
    const [source = "", target = "", mode = "rw"] = bind.split(":");
    const kind = source.startsWith("/") ? "bind" : "volume";
    return { kind, source, target, isWritable: !mode.split(",").includes("ro") };
  });
}

function mountPlaces({ HostConfig }: Pick<CreateBody, "HostConfig">): readonly Place[] {
  return (HostConfig?.Mounts ?? []).flatMap((mount: MountSpec) => {
    if (mount.Type === "tmpfs") return [];
    const { Type: kind, Source: source = "", Target: target, ReadOnly: isReadOnly = false } = mount;
    return [{ kind, source, target, isWritable: !isReadOnly }];
  });
}

function unnamed(places: readonly Place[]): readonly string[] {
  return places.filter(({ source }) => source === "").map(({ target }) => target);
}

function ports({ HostConfig }: Pick<CreateBody, "HostConfig">): readonly SharedPart[] {
  return Object.entries(HostConfig?.PortBindings ?? {}).flatMap(([port, bindings]) =>
    bindings.filter(({ HostPort }) => HostPort !== "" && HostPort !== "0").map(({ HostPort }) => ({
      kind: "port" as const,
      what: `${HostPort}/${port.split("/")[1] ?? "tcp"}`,
      why: `only one copy can have port ${HostPort} of the host, for its ${port}`,
    }))
  );
}

function addresses({ NetworkingConfig }: Pick<CreateBody, "NetworkingConfig">) {
  return Object.entries(NetworkingConfig?.EndpointsConfig ?? {}).flatMap(([network, endpoint]) =>
    Object.values(endpoint.IPAMConfig ?? {}).map((address): SharedPart => ({
      kind: "address",
      what: address,
      why: `only one copy can have the address ${address} in network ${network}`,
    }))
  );
}

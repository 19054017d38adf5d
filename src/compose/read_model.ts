import type { MountModel, PortModel, ServiceModel, StackModel, VolumeModel } from "./model.ts";
import { readMount, readPort } from "./short_forms.ts";

/** What was read from JSON or YAML, and may be anything. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * Takes what we have to know out of what `config` prints: all files merged, variables put in, paths
 * absolute.
 *
 * @param project Its volumes begin with its name where compose does not say what they are called.
 * @throws {Error} When it has not the form of a compose file.
 */
export function readModel(config: unknown, project: string): StackModel {
  const root = fields(config);
  if (root === null || fields(root.services) === null) {
    throw new Error("Cannot understand the configuration that compose prints: it has no services");
  }
  const services = entries(root.services).map(([name, value]) => [name, service(name, value)]);
  const volumes = entries(root.volumes).map(([key, value]) => [key, volume(key, value, project)]);
  return {
    name: text(root.name),
    services: new Map(services as [string, ServiceModel][]),
    volumes: new Map(volumes as [string, VolumeModel][]),
  };
}

function service(name: string, value: Fields): ServiceModel {
  return {
    name,
    image: text(value.image),
    isBuilt: value.build !== undefined && value.build !== null,
    containerName: text(value.container_name),
    ports: list(value.ports).flatMap(port),
    mounts: list(value.volumes).map(mount),
    networkMode: text(value.network_mode) ?? text(value.net),
    hosts: [value.network_mode ?? value.net, value.ipc, value.pid].flatMap(hostOf),
    pullPolicy: text(value.pull_policy),
    fixedAddresses: fixedAddresses(value),
    devices: list(value.devices).map(device),
    replicas: count(value.scale) ?? count(fields(value.deploy)?.replicas) ?? 1,
    dependsOn: keysOrList(value.depends_on),
    hasHealthcheck: hasHealthcheck(fields(value.healthcheck)),
    environment: environment(value.environment),
  };
}

/** An address of the service itself is that in its first network. */
function fixedAddresses({ networks, mac_address: own }: Fields): string[] {
  const fixed = entries(networks).filter(([, { ipv4_address, ipv6_address, mac_address }]) =>
    (ipv4_address ?? ipv6_address ?? mac_address ?? null) !== null
  );
  const [first = "default"] = Object.keys(fields(networks) ?? {});
  const names = fixed.map(([network]) => network);
  return text(own) === null ? names : [...new Set([first, ...names])];
}

function port(value: unknown): PortModel[] {
  const long = fields(value);
  if (long === null) return readPort(String(value));
  const [hostIp, published] = [text(long.host_ip), text(long.published)];
  const target = text(long.target) ?? "";
  return [{
    hostIp,
    published: published === "0" ? null : published,
    target,
    protocol: text(long.protocol) ?? "tcp",
  }];
}

function mount(value: unknown): MountModel {
  const long = fields(value);
  if (long === null) return readMount(String(value));
  return {
    type: text(long.type) ?? "volume",
    source: text(long.source),
    target: text(long.target) ?? "",
    isReadOnly: long.read_only === true,
  };
}

/** The service of `service:NAME`. */
function hostOf(mode: unknown): string[] {
  const [, name] = /^service:(.+)$/.exec(text(mode) ?? "") ?? [];
  return name === undefined ? [] : [name];
}

function device(value: unknown): string {
  return text(fields(value)?.source) ?? String(value).split(":", 1)[0]!;
}

function volume(key: string, value: Fields, project: string): VolumeModel {
  const { external } = value;
  const isExternal = external === true || fields(external) !== null;
  const name = text(value.name) ?? text(fields(external)?.name);
  const driver = text(value.driver) ?? "local";
  const isPlain = driver === "local" && entries(value.driver_opts).length === 0;
  return { name: name ?? (isExternal ? key : `${project}_${key}`), isExternal, isPlain };
}

/** A dollar is written twice in what compose prints, so that it can be read again. */
function environment(value: unknown): Record<string, string> {
  const pairs = Array.isArray(value)
    ? value.map((item) => String(item).split(/=(.*)/s, 2))
    : Object.entries(fields(value) ?? {});
  return Object.fromEntries(
    pairs
      .filter(([, content]) => content !== undefined && content !== null)
      .map(([name, content]) => [name, String(content).replaceAll("$$", () => "$")]),
  );
}

function hasHealthcheck(check: Fields | null): boolean {
  if (check === null || check.disable === true) return false;
  const [kind] = list(check.test);
  return kind !== "NONE";
}

function fields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Fields
    : null;
}

/** Of a mapping whose values may be left out. */
function entries(value: unknown): [string, Fields][] {
  return Object.entries(fields(value) ?? {}).map(([key, item]) => [key, fields(item) ?? {}]);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function keysOrList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : Object.keys(fields(value) ?? {});
}

function text(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

function count(value: unknown): number | null {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

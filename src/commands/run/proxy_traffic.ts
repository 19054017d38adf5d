import type { BackendTarget } from "../../proxy/backend.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import type { DrainReport, Traffic } from "../../roll/effects.ts";
import type { Endpoint, Instance } from "../../roll/instance.ts";

/** So long clients may use the connections that they have, where somebody else takes new ones. */
export const IDLE_GRACE_MS = 5_000;

/** What is needed of the proxy. */
export type Rotation = Pick<
  Proxy,
  "replace" | "remove" | "hold" | "maintenance" | "drain" | "shutdown"
>;

/** The proxy as a roll sees it: the endpoints of one instance at a time are its backends. */
export class ProxyTraffic implements Traffic {
  readonly #proxy: Rotation;
  readonly #tunnelGraceMs: number;
  readonly #idleGraceMs: number;
  /** Who is in rotation; more than one only while one takes the place of another bit by bit. */
  #serving: readonly Instance[] = [];
  #following: readonly Disposable[] = [];
  /** Where an instance ever had traffic: something may be in flight where it is not any more. */
  readonly #keys = new WeakMap<Instance, Set<string>>();

  /** @param options `join`: somebody else accepts, too, also when this has ended. */
  constructor(
    proxy: Rotation,
    { tunnelGraceMs, join = false }: { tunnelGraceMs: number; join?: boolean },
  ) {
    this.#proxy = proxy;
    this.#idleGraceMs = join ? IDLE_GRACE_MS : 0;
    this.#tunnelGraceMs = tunnelGraceMs;
  }

  switchTo(instance: Instance): void {
    this.share([instance]);
  }

  /** From this call on, new requests go to all endpoints of all of them. */
  share(instances: readonly Instance[]): void {
    for (const following of this.#following) following[Symbol.dispose]();
    this.#serving = instances;
    this.#route();
    this.#following = instances.map(({ endpoints }) => endpoints?.onChange(() => this.#route()))
      .filter((following) => following !== undefined);
  }

  withdraw(instance: Instance): void {
    this.#leave(instance);
    for (const key of this.#keysOf(instance)) this.#proxy.remove(key);
  }

  hold(isHeld: boolean): void {
    this.#proxy.hold(isHeld);
  }

  maintenance(message: string | null): void {
    this.#proxy.maintenance(message);
  }

  async drain(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    this.#leave(instance);
    const reports = await Promise.all(
      [...this.#keysOf(instance)].map((key) => this.drainEndpoint(key, timeoutMs, signal)),
    );
    return reports.reduce(add, { finished: 0, cut: 0 });
  }

  /** As {@linkcode ProxyTraffic.drain}, of one endpoint. */
  drainEndpoint(key: string, timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    return this.#proxy.drain(key, { timeoutMs, tunnelGraceMs: this.#tunnelGraceMs, signal });
  }

  close(timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    const idleGraceMs = this.#idleGraceMs;
    return this.#proxy.shutdown({ drainTimeoutMs: timeoutMs, idleGraceMs, signal });
  }

  #route(): void {
    const all = this.#serving.flatMap((instance) => {
      const targets = targetsOf(instance);
      const keys = this.#keysOf(instance);
      for (const { key } of targets) keys.add(key);
      this.#keys.set(instance, keys);
      return targets;
    });
    this.#proxy.replace(all);
  }

  #leave(instance: Instance): void {
    if (!this.#serving.includes(instance)) return;
    const others = this.#serving.filter((one) => one !== instance);
    if (others.length > 0) return this.share(others);
    for (const following of this.#following) following[Symbol.dispose]();
    [this.#serving, this.#following] = [[], []];
  }

  #keysOf(instance: Instance): Set<string> {
    return this.#keys.get(instance) ?? new Set();
  }
}

function targetsOf(instance: Instance): BackendTarget[] {
  const { endpoints, key, host, port, id: version } = instance;
  if (endpoints === undefined) {
    return [{ key, host, port, version, alive: () => instance.exit === null }];
  }
  return endpoints.now.map((endpoint) => target(endpoint, version));
}

function target(endpoint: Endpoint, version: string): BackendTarget {
  const { key, host, port } = endpoint;
  return { key, host, port, version, alive: () => endpoint.isAlive() };
}

function add(a: DrainReport, b: DrainReport): DrainReport {
  return { finished: a.finished + b.finished, cut: a.cut + b.cut };
}

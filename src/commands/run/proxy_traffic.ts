import type { BackendTarget } from "../../proxy/backend.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import type { DrainReport, Endpoint, Instance, Traffic } from "../../roll/effects.ts";

/** What is needed of the proxy. */
export type Rotation = Pick<
  Proxy,
  "replace" | "remove" | "hold" | "maintenance" | "drain" | "shutdown"
>;

/** The proxy as a roll sees it: the endpoints of one instance at a time are its backends. */
export class ProxyTraffic implements Traffic {
  readonly #proxy: Rotation;
  readonly #tunnelGraceMs: number;
  #serving: Instance | null = null;
  #following: Disposable | null = null;
  /** Where an instance ever had traffic: something may be in flight where it is not any more. */
  readonly #keys = new WeakMap<Instance, Set<string>>();

  constructor(proxy: Rotation, { tunnelGraceMs }: { tunnelGraceMs: number }) {
    this.#proxy = proxy;
    this.#tunnelGraceMs = tunnelGraceMs;
  }

  switchTo(instance: Instance): void {
    this.#following?.[Symbol.dispose]();
    this.#serving = instance;
    this.#route(instance);
    this.#following = instance.endpoints?.onChange(() => this.#route(instance)) ?? null;
  }

  withdraw(instance: Instance): void {
    this.#unfollow(instance);
    for (const key of this.#keysOf(instance)) this.#proxy.remove(key);
  }

  hold(isHeld: boolean): void {
    this.#proxy.hold(isHeld);
  }

  maintenance(message: string | null): void {
    this.#proxy.maintenance(message);
  }

  async drain(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    this.#unfollow(instance);
    const options = { timeoutMs, tunnelGraceMs: this.#tunnelGraceMs, signal };
    const reports = await Promise.all(
      [...this.#keysOf(instance)].map((key) => this.#proxy.drain(key, options)),
    );
    return reports.reduce(add, { finished: 0, cut: 0 });
  }

  close(timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    return this.#proxy.shutdown({ drainTimeoutMs: timeoutMs, signal });
  }

  #route(instance: Instance): void {
    const targets = targetsOf(instance);
    const keys = this.#keysOf(instance);
    for (const { key } of targets) keys.add(key);
    this.#keys.set(instance, keys);
    this.#proxy.replace(targets);
  }

  #unfollow(instance: Instance): void {
    if (this.#serving !== instance) return;
    this.#serving = null;
    this.#following?.[Symbol.dispose]();
    this.#following = null;
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

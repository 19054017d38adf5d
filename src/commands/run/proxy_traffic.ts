import type { Proxy } from "../../proxy/proxy.ts";
import type { BackendTarget } from "../../proxy/backend.ts";
import type { DrainReport, Instance, Traffic } from "../../roll/effects.ts";

/** The proxy as a roll sees it: instances become backends, one of them at a time. */
export class ProxyTraffic implements Traffic {
  readonly #proxy: Proxy;
  readonly #tunnelGraceMs: number;

  constructor(proxy: Proxy, { tunnelGraceMs }: { tunnelGraceMs: number }) {
    this.#proxy = proxy;
    this.#tunnelGraceMs = tunnelGraceMs;
  }

  switchTo(instance: Instance): void {
    this.#proxy.replace([backend(instance)]);
  }

  withdraw(instance: Instance): void {
    this.#proxy.remove(instance.key);
  }

  hold(isHeld: boolean): void {
    this.#proxy.hold(isHeld);
  }

  maintenance(message: string | null): void {
    this.#proxy.maintenance(message);
  }

  drain(instance: Instance, timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    return this.#proxy.drain(instance.key, {
      timeoutMs,
      tunnelGraceMs: this.#tunnelGraceMs,
      signal,
    });
  }

  close(timeoutMs: number, signal: AbortSignal): Promise<DrainReport> {
    return this.#proxy.shutdown({ drainTimeoutMs: timeoutMs, signal });
  }
}

function backend(instance: Instance): BackendTarget {
  const { key, host, port, id: version } = instance;
  return { key, host, port, version, alive: () => instance.exit === null };
}

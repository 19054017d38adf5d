import type { Backend } from "../backend.ts";
import type { Limits } from "../limits.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Network } from "../net/stream.ts";
import type { Failure } from "../retry.ts";
import type { Buffers } from "./buffers.ts";
import { Upstream } from "./upstream.ts";

/**
 * Longest rest of a connection: below the 5 s after which Node.js closes, so that it is us who
 * close, and no request meets a connection that is just ending.
 */
const IDLE_MS = 4000;

/** Taken off a backend's own idle time, for the same reason. */
const IDLE_MARGIN_MS = 1000;

/** A request that cannot be repeated takes only a connection that was in use this recently. */
const JUST_USED_MS = 1000;

/** What an {@linkcode UpstreamPool} needs. */
export interface UpstreamPoolOptions {
  network: Network;
  deadlines: Deadlines;
  buffers: Buffers;
  limits: Limits;
}

/** The idle connections to every backend, the last used first. */
export class UpstreamPool {
  #idle = new Map<Backend, Upstream[]>();
  /** Backends that close connections on which they could have waited, without having said so. */
  #fickle = new WeakSet<Backend>();
  #options: UpstreamPoolOptions;

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
  }

  /**
   * An idle connection, or null.
   *
   * @param repeatable Whether the request may be sent again if the connection turns out to be dead.
   */
  take(backend: Backend, repeatable: boolean): Upstream | null {
    const idle = this.#idle.get(backend);
    for (let upstream = idle?.pop(); upstream; upstream = idle?.pop()) {
      // Bytes that came unasked: their notice is on its way.
      if (upstream.closed || upstream.input.available > 0 || upstream.input.state !== "open") {
        upstream.close();
        continue;
      }
      if (repeatable || this.#isSafe(upstream)) return upstream;
      idle?.push(upstream);
      return null;
    }
    return null;
  }

  /** A new connection, or why there is none; `signal` gives up. Never rejects. */
  async connect(backend: Backend, signal: AbortSignal): Promise<Upstream | Failure> {
    const { network, limits } = this.#options;
    const late = new Connecting(this.#options.deadlines, limits.connectTimeoutMs);
    const onAbort = () => late.abort();
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      const { host, port } = backend.target;
      const stream = await network.connect(host, port, late.signal);
      return new Upstream(backend, stream, this.#options);
    } catch {
      return late.timedOut ? "connect_timeout" : "connect_failed";
    } finally {
      late.stop();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Keeps the connection for another request, unless its backend takes none. */
  give(upstream: Upstream, idleTimeoutMs: number | null): void {
    const ms = Math.min(IDLE_MS, (idleTimeoutMs ?? Infinity) - IDLE_MARGIN_MS);
    if (upstream.backend.state !== "serving" || ms <= 0 || upstream.input.pending) {
      upstream.close();
      return;
    }
    const idle = this.#idle.get(upstream.backend);
    if (idle) idle.push(upstream);
    else this.#idle.set(upstream.backend, [upstream]);
    upstream.rest(ms, () => this.#discard(upstream));
  }

  /** Closes all idle connections to `backend`. */
  forget(backend: Backend): void {
    const idle = this.#idle.get(backend);
    this.#idle.delete(backend);
    for (const upstream of idle ?? []) upstream.close();
  }

  /** Closes all idle connections. */
  close(): void {
    for (const backend of [...this.#idle.keys()]) this.forget(backend);
  }

  /** Whether the connection may be given what cannot be repeated. */
  #isSafe(upstream: Upstream): boolean {
    return this.#isJustUsed(upstream) && !this.#fickle.has(upstream.backend);
  }

  #isJustUsed({ idleSince }: Upstream): boolean {
    return this.#options.deadlines.now - idleSince < JUST_USED_MS;
  }

  /** An idle connection is of no use: the backend ended it, or has said something on it. */
  #discard(upstream: Upstream): void {
    if (this.#isJustUsed(upstream)) this.#fickle.add(upstream.backend);
    upstream.close();
    const idle = this.#idle.get(upstream.backend);
    const index = idle?.lastIndexOf(upstream) ?? -1;
    if (index >= 0) idle?.splice(index, 1);
  }
}

/** A connection being made, which may take only so long. */
class Connecting {
  deadlineAt: number;
  timedOut = false;
  #controller = new AbortController();
  #deadlines: Deadlines;

  constructor(deadlines: Deadlines, ms: number) {
    this.#deadlines = deadlines;
    deadlines.add(this);
    this.deadlineAt = deadlines.in(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  onDeadline(): void {
    this.timedOut = true;
    this.abort();
  }

  abort(): void {
    this.deadlineAt = Infinity;
    this.#controller.abort();
  }

  stop(): void {
    this.#deadlines.remove(this);
  }
}

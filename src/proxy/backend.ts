import type { Clock } from "../platform/clock.ts";

/** What a backend may still do. It moves to the right; only a recall leads from draining back. */
export const BACKEND_STATES = ["serving", "draining", "gone"] as const;

/** One of {@linkcode BACKEND_STATES}. */
export type BackendState = (typeof BACKEND_STATES)[number];

/** Why something in flight was cut. */
export type CutCause = "drain" | "shutdown";

/** Where requests can be sent, as the caller names it. */
export interface BackendTarget {
  /** Unique for the life of the proxy; never the port. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** What runs there, for logs. */
  readonly version?: string;
  /** False as soon as the process behind it is known to have ended. */
  alive(): boolean;
}

/** What became of the work that was in flight. */
export interface DrainReport {
  /** Requests and tunnels that ended by themselves. */
  finished: number;
  /** Requests and tunnels that were cut. */
  cut: number;
}

/** Limits of a drain. */
export interface DrainOptions {
  /** How long requests may take to finish. */
  timeoutMs: number;
  /** How long tunnels may stay, at most `timeoutMs`. */
  tunnelGraceMs: number;
  /** Cuts everything at once when it aborts. */
  signal?: AbortSignal;
}

/** What a drain waits by. */
export interface DrainEffects {
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
}

/** A drain under way. */
interface Drain {
  /** Aborts when there is nothing to wait for any more. */
  readonly over: AbortController;
  /** What was in flight when it began. */
  readonly began: number;
  cut: number;
  /** What was still in flight when it was called off. */
  left: number;
}

/** What a {@linkcode Claim} tells its backend. */
interface ClaimEvents {
  onTunnel(claim: Claim): void;
  onRelease(claim: Claim): void;
}

/** The right to use a backend for one request; counted until it is released. */
export class Claim {
  #tunnel = false;
  #patient = false;
  #onCut: (cause: CutCause) => void;
  #events: ClaimEvents;

  /** Only {@linkcode Backend.claim} makes claims. */
  constructor(
    readonly backend: Backend,
    onCut: (cause: CutCause) => void,
    events: ClaimEvents,
  ) {
    this.#onCut = onCut;
    this.#events = events;
  }

  /** True for a WebSocket or another upgraded connection. */
  get tunnel(): boolean {
    return this.#tunnel;
  }

  /** True for a tunnel that may stay for as long as requests may. */
  get patient(): boolean {
    return this.#patient;
  }

  /**
   * From now on this is a tunnel: `onCut` ends it.
   *
   * @param patient A drain lets it stay for as long as requests, where nobody can tell whether it is
   * idle.
   */
  becomeTunnel(onCut: (cause: CutCause) => void, { patient = false } = {}): void {
    this.#tunnel = true;
    this.#patient = patient;
    this.#onCut = onCut;
    this.#events.onTunnel(this);
  }

  /** Gives the claim back; safe to call again. */
  release(): void {
    this.#events.onRelease(this);
  }

  /** Ends the work behind it; the claim counts as given back. */
  cut(cause: CutCause): void {
    this.release();
    this.#onCut(cause);
  }
}

const NOTHING = () => {};

/** One instance as a destination: its state and everything in flight on it. */
export class Backend {
  #state: BackendState = "serving";
  #inFlight = new Set<Claim>();
  /** Under way; a recall takes them all away. */
  #drains = new Set<Drain>();
  /** Limits a tunnel that opens during a drain. */
  #onTunnel: (claim: Claim) => void = NOTHING;
  #claimEvents: ClaimEvents = {
    onTunnel: (claim) => this.#onTunnel(claim),
    onRelease: (claim) => this.#released(claim),
  };

  constructor(readonly target: BackendTarget) {}

  get key(): string {
    return this.target.key;
  }

  get state(): BackendState {
    return this.#state;
  }

  /** True while new requests may be sent to it. */
  get available(): boolean {
    return this.#state === "serving" && this.target.alive();
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Counts one request in. Null once the backend has left the rotation: nothing can be claimed any
   * more, so that a drain which saw zero stays at zero, unless it is recalled before its drain ends.
   *
   * @param onCut Ends the request; must not throw.
   */
  claim(onCut: (cause: CutCause) => void): Claim | null {
    if (this.#state !== "serving") return null;
    const claim = new Claim(this, onCut, this.#claimEvents);
    this.#inFlight.add(claim);
    return claim;
  }

  /** Takes no new claims from now on. */
  withdraw(): void {
    if (this.#state === "serving") this.#state = "draining";
  }

  /**
   * Takes a backend that has left the rotation, but is not gone, back into service: its drains end
   * at once and cut nothing.
   *
   * @returns Whether it serves now.
   */
  recall(): boolean {
    if (this.#state === "gone") return false;
    this.#state = "serving";
    this.#onTunnel = NOTHING;
    const drains = [...this.#drains];
    this.#drains.clear();
    for (const drain of drains) {
      drain.left = this.#inFlight.size;
      drain.over.abort();
    }
    return true;
  }

  /**
   * Waits for what is in flight: requests and patient tunnels until `timeoutMs`, other tunnels until
   * `tunnelGraceMs`, the rest is cut. Returns at once when nothing is in flight, or when it is
   * recalled: then nothing more is cut. Never rejects.
   */
  async drain(
    { timeoutMs, tunnelGraceMs, signal }: DrainOptions,
    { clock, random }: DrainEffects,
  ): Promise<DrainReport> {
    this.withdraw();
    const began = this.#inFlight.size;
    const drain: Drain = { over: new AbortController(), began, cut: 0, left: 0 };
    this.#drains.add(drain);
    const start = clock.now();
    this.#onTunnel = (claim) => {
      // Spread over the last tenth, so that the clients do not all come back in one instant.
      const longestMs = claim.patient ? timeoutMs : Math.min(tunnelGraceMs, timeoutMs);
      const graceMs = longestMs * (0.9 + 0.1 * random());
      const leftMs = Math.max(0, start + graceMs - clock.now());
      after(clock, leftMs, drain.over.signal, () => this.#cutFor(drain, [claim]));
    };
    for (const claim of this.#inFlight) if (claim.tunnel) this.#onTunnel(claim);
    if (this.#inFlight.size === 0) drain.over.abort();
    await deadline(clock, timeoutMs, drain.over.signal, signal);
    return this.#endOf(drain);
  }

  /** Cuts everything in flight. @returns How much that was. */
  cutAll(cause: CutCause): number {
    return this.#cut([...this.#inFlight], cause);
  }

  #cut(claims: readonly Claim[], cause: CutCause): number {
    const cut = claims.filter((claim) => this.#inFlight.has(claim));
    for (const claim of cut) claim.cut(cause);
    return cut.length;
  }

  /** A time may be up in the very moment of a recall: then nothing is cut. */
  #cutFor(drain: Drain, claims: readonly Claim[]): void {
    if (this.#drains.has(drain)) drain.cut += this.#cut(claims, "drain");
  }

  #endOf(drain: Drain): DrainReport {
    drain.over.abort();
    this.#cutFor(drain, [...this.#inFlight]);
    if (this.#drains.delete(drain)) this.#state = "gone";
    const { began, cut, left } = drain;
    return { finished: Math.max(0, began - cut - left), cut };
  }

  #released(claim: Claim): void {
    if (!this.#inFlight.delete(claim) || this.#inFlight.size > 0) return;
    for (const { over } of this.#drains) over.abort();
  }
}

function after(clock: Clock, ms: number, signal: AbortSignal, work: () => void): void {
  clock.sleep(ms, signal).then(work, () => {});
}

/** Resolves after `ms`, or when `hurry` aborts, or when `over` does. */
async function deadline(
  clock: Clock,
  ms: number,
  over: AbortSignal,
  hurry?: AbortSignal,
): Promise<void> {
  const signal = hurry ? AbortSignal.any([over, hurry]) : over;
  await clock.sleep(ms, signal).catch(() => {});
}

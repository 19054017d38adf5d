import type { Clock } from "../platform/clock.ts";
import {
  Backend,
  type BackendTarget,
  type Claim,
  type CutCause,
  type DrainOptions,
  type DrainReport,
} from "./backend.ts";
import { Balancer } from "./balancer.ts";
import { Hold, type HoldOutcome } from "./hold.ts";

/** What a {@linkcode Pool} needs. */
export interface PoolOptions {
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** Requests that may wait at the same time. */
  queueLimit: number;
  /** Told as soon as a backend takes no new requests; must not throw. */
  onLeft?(backend: Backend): void;
}

/** The backends in rotation, those on their way out, and the requests that wait for one. */
export class Pool {
  #options: PoolOptions;
  #balancer = new Balancer();
  #hold: Hold<Claim>;
  /** Everything that may still have work in flight, by key. */
  #known = new Map<string, Backend>();
  #isHeld = false;
  #maintenance: string | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#hold = new Hold({ limit: options.queueLimit, clock: options.clock });
  }

  /** Requests that wait now. */
  get held(): number {
    return this.#hold.size;
  }

  /** What clients are told instead of being served; null: they are served. */
  get maintenance(): string | null {
    return this.#maintenance;
  }

  /** Requests wait also when a backend serves. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Requests wait or are refused although a backend may serve. */
  get isGated(): boolean {
    return this.#isHeld || this.#maintenance !== null;
  }

  /** While held, every new request waits, also when a backend serves. */
  setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#hold.poolChanged();
  }

  /** While there is a message, new requests are refused with it, and so are those that wait. */
  setMaintenance(message: string | null): void {
    this.#maintenance = message;
    if (message !== null) this.#hold.refuseAll();
  }

  /**
   * Makes `targets` the rotation in one synchronous step and lets held requests go to it. A key
   * that is in rotation already stays the same backend; one that is draining is recalled.
   */
  replace(targets: readonly BackendTarget[]): void {
    const backends = targets.map((target) => this.#inService(target));
    const left = this.#balancer.replace(backends);
    for (const backend of backends) this.#known.set(backend.key, backend);
    this.#left(left);
    this.#hold.poolChanged();
  }

  /** Takes one backend out of rotation; unknown keys are fine. */
  remove(key: string): void {
    const backend = this.#balancer.remove(key);
    if (backend) this.#left([backend]);
  }

  /**
   * Takes the backend out of rotation and waits for what is in flight on it; see
   * {@linkcode Backend.drain}. Nothing is in flight on an unknown key. Never rejects.
   */
  async drain(key: string, options: DrainOptions): Promise<DrainReport> {
    this.remove(key);
    const backend = this.#known.get(key);
    if (!backend) return { finished: 0, cut: 0 };
    const report = await backend.drain(options, this.#options);
    if (backend.state === "gone" && this.#known.get(key) === backend) this.#known.delete(key);
    return report;
  }

  /** Claims the next available backend, preferably none of `excluded`; null when there is none. */
  claim(excluded: ReadonlySet<Backend> | null, onCut: (cause: CutCause) => void): Claim | null {
    if (this.#isHeld) return null;
    const backend = (excluded && this.#balancer.pick(excluded)) ?? this.#balancer.pick();
    return backend?.claim(onCut) ?? null;
  }

  /** Like {@linkcode claim}, but waits in line for at most `timeoutMs`. */
  waitForClaim(
    onCut: (cause: CutCause) => void,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<HoldOutcome<Claim>> {
    const select = () => this.#isHeld ? null : this.#balancer.pick()?.claim(onCut) ?? null;
    return this.#hold.wait(select, timeoutMs, signal);
  }

  /** Whether a backend that is not in `excluded` could take a request. */
  offers(excluded: ReadonlySet<Backend>): boolean {
    return this.#balancer.offers(excluded);
  }

  /** Ends all waiting, now and later: no backend will come any more. */
  closeHold(): void {
    this.#hold.close();
  }

  /** Cuts everything in flight. @returns How much that was. */
  cutAll(cause: CutCause): number {
    let cut = 0;
    for (const backend of this.#known.values()) cut += backend.cutAll(cause);
    return cut;
  }

  /** Takes every backend out of rotation. */
  clear(): void {
    this.#left(this.#balancer.replace([]));
  }

  #inService(target: BackendTarget): Backend {
    const known = this.#known.get(target.key);
    return known?.recall() ? known : new Backend(target);
  }

  #left(backends: readonly Backend[]): void {
    for (const backend of backends) this.#options.onLeft?.(backend);
    for (const [key, backend] of this.#known) {
      if (backend.state !== "serving" && backend.inFlight === 0) this.#known.delete(key);
    }
  }
}

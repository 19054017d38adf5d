import { type Clock, systemClock } from "../platform/clock.ts";
import type { BackendTarget, DrainOptions, DrainReport } from "./backend.ts";
import { Counters, type CountersSnapshot } from "./counters.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { AccessLog } from "./access_log.ts";
import type { Certificate, Engine, PortMapping, ShutdownOptions } from "./engine.ts";
import { type EngineName, ENGINES } from "./engines.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { GivenSocket } from "./net/given_network.ts";
import { Pool } from "./pool.ts";

/** Enough for forms and most calls between services, little enough for a thousand of them. */
const REPLAY_BUFFER_BYTES = 65_536;

/** How a {@linkcode Proxy} works. */
export interface ProxyOptions {
  /** Address to listen on. */
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  /** How long a request may wait for a backend before it gets 503. */
  queueTimeoutMs: number;
  /** Requests that may wait at the same time. */
  queueLimit: number;
  /** How long a backend may take to begin its answer before the client gets 504; 0: no limit. */
  responseHeadTimeoutMs: number;
  /** Repeat POST and PATCH, too, when it is unknown whether they arrived. */
  retryUnsafe: boolean;
  /** Repeat idempotent requests that the application answered with one of these. */
  retryStatus: readonly number[];
  /** Whether a peer may set forwarding headers. */
  isTrusted(ip: string): boolean;
  /** @default {"relay"} */
  engine?: EngineName;
  /** Limits that differ from {@linkcode DEFAULT_LIMITS}. */
  limits?: Partial<Limits>;
  /** Bytes of a request's body that are kept to send them again. @default {65536} */
  replayBufferBytes?: number;
  /** Answered by us while requests are held or refused on purpose. @default {null} */
  healthPath?: string | null;
  /** Speak TLS with clients. @default {null} */
  certificate?: Certificate | null;
  /** Connections of trusted peers begin with a PROXY protocol header. @default {false} */
  proxyProtocol?: boolean;
  /** Send `Forwarded` (RFC 7239) to backends, too. @default {false} */
  forwarded?: boolean;
  /** Name for `Via` in requests to backends. @default {null} */
  via?: string | null;
  /** Told of every finished request. @default {null} */
  accessLog?: AccessLog | null;
  /** What `port` leads to; only for the engine `tcp`. @default The backend's port. */
  portMapping?: PortMapping["backend"];
  /** Sockets to listen on, one for every port; not with the engine `fetch`. @default New ones. */
  sockets?: readonly GivenSocket[] | null;
  /** More public ports; only for the engine `tcp`. @default None. */
  morePorts?: readonly PortMapping[];
  /** @default {systemClock} */
  clock?: Clock;
  /** Uniform in [0, 1). @default {Math.random} */
  random?(): number;
  /** Told of errors inside the proxy; must not throw. @default Nobody is told. */
  onError?(error: unknown): void;
}

/** The listener and everything behind it: hold, balancer, retries and one engine. */
export class Proxy {
  #pool: Pool;
  #counters: Counters;
  #engine: Engine;
  #stopped: Promise<DrainReport> | null = null;

  /**
   * Binds and serves; requests are held until {@linkcode replace} names a backend.
   *
   * @throws {Deno.errors.AddrInUse} And the other errors of listening, before anything happened.
   */
  static start(options: ProxyOptions): Proxy {
    return new Proxy(options);
  }

  private constructor(options: ProxyOptions) {
    const { clock = systemClock, random = Math.random, onError = () => {} } = options;
    const counters = new Counters();
    const pool = new Pool({
      clock,
      random,
      queueLimit: options.queueLimit,
      onLeft: (backend) => this.#engine.forget(backend),
    });
    const dispatcher = new Dispatcher({ ...options, pool, counters, clock, random });
    this.#engine = ENGINES[options.engine ?? "relay"]({
      replayBufferBytes: REPLAY_BUFFER_BYTES,
      healthPath: null,
      certificate: null,
      proxyProtocol: false,
      forwarded: false,
      via: null,
      accessLog: null,
      portMapping: { offset: 0 },
      morePorts: [],
      sockets: null,
      ...options,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      clock,
      dispatcher,
      counters,
      onError,
    });
    this.#pool = pool;
    this.#counters = counters;
  }

  get hostname(): string {
    return this.#engine.hostname;
  }

  /** The port that is really bound. */
  get port(): number {
    return this.#engine.port;
  }

  get counters(): CountersSnapshot {
    return this.#counters.snapshot();
  }

  /** From this call on, every new and every held request goes to `targets` and nowhere else. */
  replace(targets: readonly BackendTarget[]): void {
    this.#pool.replace(targets);
  }

  /** From this call on, no new request goes there; requests are held if nobody is left. */
  remove(key: string): void {
    this.#pool.remove(key);
  }

  /**
   * While held, every new request waits, bounded as always, also when a backend serves. What is in
   * flight goes on.
   */
  hold(isHeld: boolean): void {
    this.#pool.setHeld(isHeld);
  }

  /** While there is a message, every new or waiting request is answered 503 with it. */
  maintenance(message: string | null): void {
    this.#pool.setMaintenance(message);
  }

  /**
   * New connections get this certificate; those that are open keep theirs.
   *
   * @throws {TypeError} When there is no TLS here, or the certificate is unusable; the old one stays.
   */
  setCertificate(certificate: Certificate): void {
    this.#engine.setCertificate(certificate);
  }

  /**
   * Takes a backend out of rotation and waits for what is in flight on it; then cuts the rest:
   * 504 where no answer had begun, else the client's connection, WebSockets with close code 1012.
   * Never rejects.
   */
  drain(key: string, options: DrainOptions): Promise<DrainReport> {
    return this.#pool.drain(key, options);
  }

  /**
   * Stops listening and lets requests in flight finish, at most `drainTimeoutMs`. Held requests
   * fail with 503, WebSockets are closed with 1001. A second call joins the first. Never rejects.
   */
  shutdown(options: ShutdownOptions): Promise<DrainReport> {
    return this.#stopped ??= this.#stop(options);
  }

  async #stop(options: ShutdownOptions): Promise<DrainReport> {
    const began = this.#counters.inFlight;
    let cut = 0;
    this.#pool.closeHold();
    await this.#engine.shutdown(options, () => cut += this.#pool.cutAll("shutdown"));
    this.#pool.clear();
    return { finished: Math.max(0, began - cut), cut };
  }
}

import type { StackOptions } from "../compose/stack_plan.ts";
import type { RunOptions } from "../container/run_options.ts";
import type { Contract } from "../data/contract.ts";
import type { ImageReference } from "../image/image_reference.ts";
import type { Cidr } from "../platform/cidr.ts";
import type { PortMapping } from "../proxy/engine.ts";
import type { Limits } from "../proxy/limits.ts";
import type { RegistryTarget } from "../source/registry_target.ts";
import type { Subject } from "./assets_rules.ts";
import type { StoreTarget } from "./cache_kind.ts";
import type { FleetTarget } from "./fleet_kind.ts";
import type { NotifyTarget } from "./notify_kind.ts";
import type { SnapshotKind } from "./snapshot_kind.ts";
import type { ON_STOP, PULL_POLICIES } from "./table/containers.ts";
import type { CHECKSUM_POLICIES } from "./table/releases.ts";
import type { Window } from "./window_kind.ts";

/** How a new version takes over. */
export const STRATEGIES = ["blue-green", "recreate"] as const;
/** What carries the traffic through liveroll. */
export const PROXY_ENGINES = ["relay", "fetch", "tcp"] as const;
/** What carries the traffic; with `direct` nothing does, as children accept it themselves. */
export const ENGINES = [...PROXY_ENGINES, "direct"] as const;
export const DEFAULT_ENGINE = "relay";
/** By which children are told of the sockets that they accept from. */
export const SOCKET_PROTOCOLS = ["server-starter", "systemd"] as const;
export const CHILD_LOGS = ["capture", "inherit"] as const;
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["auto", "text", "json", "journald"] as const;
export const ACCESS_LOG_FORMATS = ["json", "combined"] as const;

export type { Cidr, Limits, NotifyTarget, PortMapping, RegistryTarget, StoreTarget, Window };
export type ChecksumPolicy = (typeof CHECKSUM_POLICIES)[number];
export type Strategy = (typeof STRATEGIES)[number];
export type Engine = (typeof ENGINES)[number];
export type ProxyEngine = (typeof PROXY_ENGINES)[number];
export type SocketProtocol = (typeof SOCKET_PROTOCOLS)[number];
export type ChildLogs = (typeof CHILD_LOGS)[number];
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];
export type AccessLogFormat = (typeof ACCESS_LOG_FORMATS)[number];

/** Inclusive range of HTTP status codes. */
export interface StatusRange {
  from: number;
  to: number;
}

/** How a child is asked whether it is well. */
export type HealthCheck =
  /** Path and query, always with a leading slash. */
  | { readonly kind: "http"; readonly path: string }
  /** It accepts connections. */
  | { readonly kind: "tcp" }
  /** A shell command that ends with 0. */
  | { readonly kind: "exec"; readonly command: string }
  /** The child says so itself, by `READY=1` on its `NOTIFY_SOCKET`. */
  | { readonly kind: "notify" }
  /** It has lived so long. */
  | { readonly kind: "timer"; readonly aliveMs: number };

/** Files that hold what TLS needs, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Where requests are written down. */
export interface AccessLogConfig {
  /** A file; `-` is standard output. */
  readonly path: string;
  readonly format: AccessLogFormat;
}

/** Who must have signed: the holder of a key in a file, or somebody whom an issuer vouches for. */
export type CosignSigner =
  | { readonly key: string }
  | { readonly identity: string; readonly issuer: string };

/** How releases are chosen, checked and kept. */
export interface ReleaseOptions {
  /** Where artifacts and answers of the registry are kept; null: nowhere. */
  readonly cache: StoreTarget | null;
  /** How long an answer is good for all that share it; 0: not at all. */
  readonly registryTtlMs: number;
  /** How long an answer is used while the registry cannot be asked. */
  readonly maxStaleMs: number;
  /** Holds `releases/` and `current`. */
  readonly root: string;
  readonly slot: string | null;
  readonly calver: string | null;
  readonly allowDowngrade: boolean;
  readonly verifyChecksum: ChecksumPolicy;
  /** A file with a public key; null: signatures are not asked for. */
  readonly minisignKey: string | null;
  /** Who must have signed artifacts by cosign; null: such signatures are not asked for. */
  readonly cosignSigner: CosignSigner | null;
  readonly maxArtifactBytes: number;
  readonly maxUnpackedBytes: number;
  readonly keepReleases: number;
  /** Write a record beside each release that was rolled to. */
  readonly audit: boolean;
  readonly reportFailures: boolean;
}

/** How versions run in containers. */
export interface ContainerOptions {
  /** What is watched and run; its tag does not count when versions come from a registry. */
  readonly image: ImageReference;
  /** Null: the one that the image exposes. */
  readonly port: number | null;
  readonly replicas: number;
  /** So many new ones at a time; 0: all of them, then the switch. */
  readonly maxSurge: number;
  /** So many of the replicas may be missing while new ones take the place of old ones. */
  readonly maxUnavailable: number;
  readonly run: RunOptions;
  readonly pullPolicy: (typeof PULL_POLICIES)[number];
  readonly keepImages: number;
  readonly onStop: (typeof ON_STOP)[number];
  /** Null: wherever an engine is. */
  readonly dockerHost: string | null;
}

/** How versions run as services of a compose file. */
export interface ComposeOptions extends StackOptions {
  /** Port in the containers that requests go to; null: what the file or the image says. */
  readonly port: number | null;
  readonly pullPolicy: (typeof PULL_POLICIES)[number];
  readonly keepImages: number;
  readonly onStop: (typeof ON_STOP)[number];
  /** Null: wherever an engine is. */
  readonly dockerHost: string | null;
}

/** What is done to data before a version starts. */
export interface DataOptions {
  /** Program and arguments; null: nothing is migrated. */
  readonly migrate: readonly string[] | null;
  readonly migration: Contract;
  readonly migrateBack: readonly string[] | null;
  readonly migrateTimeoutMs: number;
  /** Null: nothing is saved. */
  readonly snapshot: SnapshotKind | null;
  /** Reads what a command has saved; null where none has. */
  readonly snapshotRestore: string | null;
  readonly snapshotTimeoutMs: number;
  readonly keepSnapshots: number;
  /** Bytes of all of them together; null: no limit. */
  readonly keepSnapshotsBytes: number | null;
}

/** What one liveroll does, validated and frozen. Durations are milliseconds. */
export interface Config {
  readonly subject: Subject;
  /** Null: versions come from {@linkcode Config.registry}. */
  readonly pull: string | null;
  readonly id: string | null;
  readonly exec: string;
  /** Command that stops a child instead of {@linkcode Config.stopSignal}. */
  readonly stop: string | null;

  /** Null: versions come from {@linkcode Config.pull}. */
  readonly registry: RegistryTarget | null;
  readonly releases: ReleaseOptions;
  /** Null: versions are started by {@linkcode Config.exec}. */
  readonly container: ContainerOptions | null;
  /** Null: versions are not services of a compose file. */
  readonly compose: ComposeOptions | null;
  readonly data: DataOptions;

  readonly intervalMs: number;
  /** The longest wait after checks that failed; 0: none is longer than the interval. */
  readonly maxBackoffMs: number;
  readonly pullTimeoutMs: number;
  readonly idTimeoutMs: number;
  readonly strategy: Strategy;
  /** When new versions may be rolled to; empty: always. */
  readonly windows: readonly Window[];
  /** A version has to be known so long before it is rolled to. */
  readonly cooldownMs: number;
  readonly notifyOnly: boolean;
  readonly onDemand: boolean;
  /** A new version must stay well so long after the switch; 0: the gate is enough. */
  readonly minHealthyMs: number;
  readonly keepWarmMs: number;
  /** Null: no other host matters. */
  readonly fleet: FleetTarget | null;
  /** So many hosts of the fleet may roll at the same time. */
  readonly maxUnavailable: number;

  readonly beforeHook: string | null;
  readonly afterHook: string | null;
  readonly onFailureHook: string | null;
  readonly hookTimeoutMs: number;

  /** Address the proxy listens on. */
  readonly host: string;
  /** The first of {@linkcode Config.ports}; null: there is none. */
  readonly port: number | null;
  /**
   * Public ports and what each leads to; several only with the engine `tcp`, none only for files
   * that are not served.
   */
  readonly ports: readonly PortMapping[];
  /** Where public sockets come from and go to; null: they end with this process. */
  readonly handover: string | null;
  /** Nobody is accepted, and readiness not told, before a version serves. */
  readonly join: boolean;
  /** Speak TLS with clients; null: plain text. */
  readonly tls: TlsFiles | null;
  /** Trusted peers begin their connections with a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  /** Address the children listen on; probes and traffic use the same one. */
  readonly childHost: string;
  /** None: instances are no children, and find ports by themselves. */
  readonly childPorts: readonly number[];

  readonly healthcheck: HealthCheck;
  readonly healthTimeoutMs: number;
  readonly healthIntervalMs: number;
  readonly healthProbeTimeoutMs: number;
  readonly healthStatus: readonly StatusRange[];
  readonly healthSuccesses: number;
  /** `Host` header of probes; null: the child's address. */
  readonly healthHost: string | null;
  /** Added to the child's port to get the port that is probed. */
  readonly healthPortOffset: number;
  /** Time between two probes of what serves; 0: it is not probed. */
  readonly livenessIntervalMs: number;
  readonly livenessThreshold: number;

  readonly drainTimeoutMs: number;
  readonly tunnelGraceMs: number;
  readonly stopTimeoutMs: number;
  readonly stopSignal: Deno.Signal;

  readonly engine: Engine;
  /** For the engine `direct`. */
  readonly socketProtocol: SocketProtocol;
  readonly limits: Limits;
  readonly queueTimeoutMs: number;
  /** Requests that may wait at the same time. */
  readonly queueLimit: number;
  readonly responseHeadTimeoutMs: number;
  readonly trustedProxies: readonly Cidr[];
  readonly retryUnsafe: boolean;
  readonly retryStatus: readonly number[];
  /** Bytes of a request's body that are kept to send them again. */
  readonly replayBufferBytes: number;
  /** Send `Forwarded` (RFC 7239), too. */
  readonly forwarded: boolean;
  /** Name for `Via`; null: none is added. */
  readonly via: string | null;

  /** Name of the application. */
  readonly app: string;
  readonly stateDir: string;
  /** Null: only the socket in the state directory. */
  readonly controlListen: { readonly host: string; readonly port: number } | null;
  readonly controlTokenFile: string | null;
  readonly webhookSecretFile: string | null;
  readonly notify: readonly NotifyTarget[];

  readonly childLogs: ChildLogs;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Null: requests are not written down. */
  readonly accessLog: AccessLogConfig | null;
}

import { resolve } from "node:path/posix";
import type { Subject } from "./assets_rules.ts";
import type { Config, Limits, ReleaseOptions } from "./config.ts";
import { parseRunOptions } from "../container/run_options.ts";
import type { Values } from "./options.ts";
import { appOf, stateDirOf } from "./state_place.ts";

/** What a configuration depends on besides its options. */
export interface Place {
  readonly env: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly cwd: string;
  /** What is kept at the newest version. */
  readonly subject: Subject;
  /** @throws When it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** Names the values of the table as the program knows them; frozen, with everything inside. */
export function toConfig(values: Values, place: Place): Config {
  const isAssets = place.subject === "assets";
  const ports = isAssets ? servedPorts(values) : values.port;
  return deepFreeze<Config>({
    subject: place.subject,
    pull: values.pull,
    id: values.id,
    // Nobody is asked for it where nothing runs.
    exec: values.exec ?? "",
    stop: values.stop,

    registry: values.registry,
    releases: {
      cache: values.cache.store,
      registryTtlMs: values.cache.registryTtlMs ?? values["registry-ttl"],
      maxStaleMs: values["max-stale"],
      root: values["release-root"],
      slot: values.slot,
      calver: values.calver ?? values.registry?.wish.calver ?? null,
      allowDowngrade: values["allow-downgrade"],
      verifyChecksum: values["verify-checksum"],
      minisignKey: values["minisign-key"],
      cosignSigner: cosignSigner(values),
      maxArtifactBytes: values["max-artifact"],
      maxUnpackedBytes: values["max-unpacked"],
      keepReleases: values["keep-releases"],
      audit: values.audit,
      reportFailures: values["report-failures"],
    },

    container: containerOptions(values, place),
    compose: composeOptions(values, place),
    data: dataOptions(values),

    intervalMs: values.interval,
    maxBackoffMs: values["max-backoff"],
    pullTimeoutMs: values["pull-timeout"],
    idTimeoutMs: values["id-timeout"],
    strategy: values.strategy,
    windows: values.window,
    cooldownMs: values.cooldown,
    notifyOnly: values["notify-only"],
    onDemand: values["on-demand"],
    minHealthyMs: isAssets ? 0 : values["min-healthy"],
    keepWarmMs: values["keep-warm"],
    fleet: values.fleet,
    maxUnavailable: values["max-unavailable"] ?? 1,

    beforeHook: values["before-hook"],
    afterHook: values["after-hook"],
    onFailureHook: values["on-failure-hook"],
    hookTimeoutMs: values["hook-timeout"],

    host: values.host,
    port: ports[0]?.listen ?? null,
    ports,
    handover: values.handover,
    join: values.join,
    tls: tlsFiles(values),
    proxyProtocol: values["proxy-protocol"],
    childHost: values["child-host"],
    childPorts: isAssets || values.image !== null || values["compose-file"].length > 0
      ? []
      : [values["child-port1"], values["child-port2"]],

    healthcheck: values.healthcheck,
    healthTimeoutMs: values["health-timeout"],
    healthIntervalMs: values["health-interval"],
    healthProbeTimeoutMs: values["health-probe-timeout"],
    healthStatus: values["health-status"],
    healthSuccesses: values["health-successes"],
    healthHost: values["health-host"],
    healthPortOffset: values["health-port-offset"],
    livenessIntervalMs: values["liveness-interval"],
    livenessThreshold: values["liveness-threshold"],

    drainTimeoutMs: values["drain-timeout"],
    tunnelGraceMs: values["tunnel-grace"],
    stopTimeoutMs: values["stop-timeout"],
    stopSignal: values["stop-signal"],

    engine: values.engine,
    socketProtocol: values["socket-protocol"],
    limits: limits(values),
    queueTimeoutMs: values["queue-timeout"],
    queueLimit: values["queue-limit"],
    responseHeadTimeoutMs: values["response-head-timeout"],
    trustedProxies: values["trusted-proxies"],
    retryUnsafe: values["retry-unsafe"],
    retryStatus: values["retry-status"],
    replayBufferBytes: values["replay-buffer"],
    forwarded: values.forwarded,
    via: values.via,

    ...stateOf(values, place),
    controlListen: values["control-listen"],
    controlTokenFile: values["control-token-file"],
    webhookSecretFile: values["webhook-secret-file"],
    notify: values.notify,

    childLogs: values["child-logs"],
    logLevel: values["log-level"],
    logFormat: values["log-format"],
    accessLog: accessLog(values),
  });
}

function stateOf(values: Values, place: Place): Pick<Config, "app" | "stateDir"> {
  const stateDir = stateDirOf({ stateDir: values["state-dir"], app: values.app }, place.env);
  return { stateDir, app: values.app ?? appOf(stateDir, place.cwd) };
}

function servedPorts({ serve }: Values): Config["ports"] {
  return serve === null ? [] : [{ listen: serve, backend: { offset: 0 } }];
}

function containerOptions(values: Values, place: Place): Config["container"] {
  const { image } = values;
  if (image === null) return null;
  const context = { env: place.env, cwd: place.cwd, readTextFile: place.readFile };
  return {
    image,
    port: values["container-port"],
    replicas: values.replicas,
    maxSurge: values["max-surge"],
    maxUnavailable: values.fleet === null ? values["max-unavailable"] ?? 0 : 0,
    run: parseRunOptions(values["run-options"], context),
    pullPolicy: values["pull-policy"],
    keepImages: values["keep-images"],
    onStop: values["on-stop"],
    dockerHost: values["docker-host"],
  };
}

function composeOptions(values: Values, { cwd }: Place): Config["compose"] {
  const { "compose-file": files, "env-file": envFile } = values;
  if (files.length === 0) return null;
  return {
    files: files.map((file) => resolve(cwd, file)),
    services: values.service,
    projectName: values["project-name"],
    envFile: envFile === null ? null : resolve(cwd, envFile),
    envKey: values["env-key"],
    isSharedVolumeSafe: values["shared-volume"] === "safe",
    port: values["container-port"],
    pullPolicy: values["pull-policy"],
    keepImages: values["keep-images"],
    onStop: values["on-stop"],
    dockerHost: values["docker-host"],
  };
}

function dataOptions(values: Values): Config["data"] {
  const { migrate, "migrate-back": back } = values;
  return {
    migrate: migrate.length === 0 ? null : migrate,
    migration: values.migration,
    migrateBack: back.length === 0 ? null : back,
    migrateTimeoutMs: values["migrate-timeout"],
    snapshot: values.snapshot,
    snapshotRestore: values["snapshot-restore"],
    snapshotTimeoutMs: values["snapshot-timeout"],
    keepSnapshots: values["keep-snapshots"],
    keepSnapshotsBytes: values["keep-snapshots-size"] || null,
  };
}

function tlsFiles(values: Values): Config["tls"] {
  const [cert, key] = [values["tls-cert"], values["tls-key"]];
  return cert === null || key === null ? null : { cert, key };
}

function cosignSigner(values: Values): ReleaseOptions["cosignSigner"] {
  const [key, identity, issuer] = [
    values["cosign-key"],
    values["cosign-identity"],
    values["cosign-issuer"],
  ];
  if (key !== null) return { key };
  return identity === null || issuer === null ? null : { identity, issuer };
}

function limits(values: Values): Limits {
  return {
    clientHeadTimeoutMs: values["client-head-timeout"],
    clientIdleTimeoutMs: values["client-idle-timeout"],
    clientBodyTimeoutMs: values["client-body-timeout"],
    clientSendTimeoutMs: values["client-send-timeout"],
    connectTimeoutMs: values["connect-timeout"],
    responseIdleTimeoutMs: values["response-idle-timeout"],
    tunnelIdleTimeoutMs: values["tunnel-idle-timeout"],
    maxHeadBytes: values["max-head-size"],
    maxHeaders: values["max-headers"],
    maxTargetBytes: values["max-target"],
    maxBodyBytes: values["max-body"],
    maxConnections: values["max-connections"],
  };
}

function accessLog(values: Values): Config["accessLog"] {
  const path = values["access-log"];
  return path === null ? null : { path, format: values["access-log-format"] };
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}

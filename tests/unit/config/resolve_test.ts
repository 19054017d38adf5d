import { assertEquals, assertThrows } from "@std/assert";
import { type Config, DEFAULT_ENGINE } from "../../../src/config/config.ts";
import { FLAGS, optionOf } from "../../../src/config/options.ts";
import { DEFAULT_LIMITS } from "../../../src/proxy/limits.ts";
import { errors, REQUIRED, resolve, resolved } from "./resolving.ts";

/** Where there is no registry. */
const NO_RELEASES: Pick<Config, "registry" | "releases"> = {
  registry: null,
  releases: {
    cache: { kind: "file", path: null },
    registryTtlMs: 0,
    maxStaleMs: 3600_000,
    root: ".",
    slot: null,
    calver: null,
    allowDowngrade: false,
    verifyChecksum: "auto",
    minisignKey: null,
    cosignSigner: null,
    maxArtifactBytes: 512 * 1024 ** 2,
    maxUnpackedBytes: 4 * 1024 ** 3,
    keepReleases: 7,
    audit: true,
    reportFailures: false,
  },
};

const NO_CONTAINERS: Pick<Config, "compose" | "container" | "data"> = {
  container: null,
  compose: null,
  data: {
    migrate: null,
    migration: "additive",
    migrateBack: null,
    migrateTimeoutMs: 600_000,
    snapshot: null,
    snapshotRestore: null,
    snapshotTimeoutMs: 1_800_000,
    keepSnapshots: 3,
    keepSnapshotsBytes: null,
  },
};

const DEFAULTS: Config = {
  ...NO_CONTAINERS,
  subject: "program",
  pull: "p",
  id: "i",
  exec: "e",
  stop: null,
  ...NO_RELEASES,
  intervalMs: 10_000,
  maxBackoffMs: 0,
  pullTimeoutMs: 600_000,
  idTimeoutMs: 60_000,
  strategy: "blue-green",
  windows: [],
  cooldownMs: 0,
  notifyOnly: false,
  onDemand: false,
  minHealthyMs: 10_000,
  keepWarmMs: 0,
  fleet: null,
  maxUnavailable: 1,
  beforeHook: null,
  afterHook: null,
  onFailureHook: null,
  hookTimeoutMs: 60_000,
  host: "0.0.0.0",
  port: 8080,
  ports: [{ listen: 8080, backend: { offset: 0 } }],
  handover: null,
  join: false,
  tls: null,
  proxyProtocol: false,
  childHost: "127.0.0.1",
  childPorts: [9101, 9102],
  healthcheck: { kind: "http", path: "/heathz" },
  healthTimeoutMs: 60_000,
  healthIntervalMs: 250,
  healthProbeTimeoutMs: 5000,
  healthStatus: [{ from: 200, to: 299 }],
  healthSuccesses: 1,
  healthHost: null,
  healthPortOffset: 0,
  livenessIntervalMs: 0,
  livenessThreshold: 3,
  drainTimeoutMs: 30_000,
  tunnelGraceMs: 10_000,
  stopTimeoutMs: 10_000,
  stopSignal: "SIGTERM",
  engine: DEFAULT_ENGINE,
  socketProtocol: "server-starter",
  limits: DEFAULT_LIMITS,
  queueTimeoutMs: 30_000,
  queueLimit: 1000,
  responseHeadTimeoutMs: 60_000,
  trustedProxies: [],
  retryUnsafe: false,
  retryStatus: [],
  replayBufferBytes: 65_536,
  forwarded: false,
  via: null,
  app: "app",
  stateDir: ".liveroll",
  controlListen: null,
  controlTokenFile: null,
  webhookSecretFile: null,
  notify: [],
  childLogs: "capture",
  logLevel: "info",
  logFormat: "auto",
  accessLog: null,
};

Deno.test("B46 the defaults of the table are the defaults of the program", () => {
  assertEquals(resolved(REQUIRED).config, DEFAULTS);
});

Deno.test("resolveOptions() lets a flag win over environment, file and default", () => {
  const flag = ["--port", "1"];
  const env = { LIVEROLL_PORT: "2" };
  const config = ["--config", "blog.yaml"];
  const file = "# a blog\nport: 3\n";
  const table: [args: string[], env: Record<string, string>, port: number, origin: unknown][] = [
    [[], {}, 8080, { from: "default" }],
    [config, {}, 3, { from: "file", path: "blog.yaml", line: 2 }],
    [[], env, 2, { from: "environment", name: "LIVEROLL_PORT" }],
    [config, env, 2, { from: "environment", name: "LIVEROLL_PORT" }],
    [flag, {}, 1, { from: "flag" }],
    [[...config, ...flag], {}, 1, { from: "flag" }],
    [flag, env, 1, { from: "flag" }],
    [[...config, ...flag], env, 1, { from: "flag" }],
    [config, { LIVEROLL_PORT: "" }, 3, { from: "file", path: "blog.yaml", line: 2 }],
  ];
  for (const [args, env, port, origin] of table) {
    const { config, origins } = resolved([...REQUIRED, ...args], { env, file });
    assertEquals([config.port, origins.port], [port, origin]);
  }
});

Deno.test("resolveOptions() reads every option from the environment and from a file", () => {
  const samples: Record<string, string> = {
    pull: "git pull",
    id: "git rev-parse HEAD",
    exec: "./app <<PORT>>",
    stop: "./stop <<PORT>>",
    interval: "1m30s",
    "max-backoff": "10m",
    "pull-timeout": "1h",
    "id-timeout": "2s",
    strategy: "recreate",
    window: "Mon-Fri 09:00-17:00 Europe/Berlin",
    cooldown: "1h",
    "notify-only": "true",
    "on-demand": "false",
    "min-healthy": "3s",
    "keep-warm": "0",
    fleet: "file:///mnt/fleet?lease=5s",
    "max-unavailable": "2",
    "before-hook": "./before",
    "after-hook": "./after",
    "on-failure-hook": "./failed",
    "hook-timeout": "30s",
    host: "::1",
    port: "80",
    handover: "/run/blog",
    "child-host": "::1",
    "child-port1": "81",
    "child-port2": "82",
    "tls-cert": "/etc/tls/cert.pem",
    "tls-key": "/etc/tls/key.pem",
    "proxy-protocol": "true",
    healthcheck: "up?deep=1",
    "health-timeout": "3s",
    "health-interval": "4ms",
    "health-probe-timeout": "5ms",
    "health-status": "200-204,404",
    "health-successes": "3",
    "health-host": "blog.example:80",
    "health-port-offset": "-10",
    "liveness-interval": "5s",
    "liveness-threshold": "2",
    "drain-timeout": "0",
    "tunnel-grace": "0s",
    "stop-timeout": "0",
    "stop-signal": "sigint",
    engine: "relay",
    "queue-timeout": "0",
    "queue-limit": "0",
    "response-head-timeout": "0",
    "trusted-proxies": "10.0.0.0/8, ::1",
    "retry-unsafe": "true",
    "retry-status": "502,503,502",
    "replay-buffer": "128k",
    "connect-timeout": "2s",
    "response-idle-timeout": "3s",
    "tunnel-idle-timeout": "0",
    forwarded: "true",
    via: "edge-1",
    "client-head-timeout": "4s",
    "client-idle-timeout": "5s",
    "client-body-timeout": "6s",
    "client-send-timeout": "7s",
    "max-head-size": "8k",
    "max-headers": "9",
    "max-target": "1000",
    "max-body": "1g",
    "max-connections": "0",
    app: "blog",
    "state-dir": "/srv/blog",
    "control-listen": "127.0.0.1:9000",
    "control-token-file": "/etc/token",
    "webhook-secret-file": "/etc/secret",
    notify: "slack://deploys?quiet=true",
    "child-logs": "inherit",
    "log-level": "debug",
    "log-format": "json",
    "access-log": "-",
    "access-log-format": "combined",
  };
  const expected: Config = {
    ...NO_CONTAINERS,
    subject: "program",
    pull: "git pull",
    id: "git rev-parse HEAD",
    exec: "./app <<PORT>>",
    stop: "./stop <<PORT>>",
    ...NO_RELEASES,
    intervalMs: 90_000,
    maxBackoffMs: 600_000,
    pullTimeoutMs: 3_600_000,
    idTimeoutMs: 2000,
    strategy: "recreate",
    windows: [{ days: [1, 2, 3, 4, 5], from: 540, to: 1020, zone: "Europe/Berlin" }],
    cooldownMs: 3_600_000,
    notifyOnly: true,
    onDemand: false,
    minHealthyMs: 3000,
    keepWarmMs: 0,
    fleet: { store: { kind: "file", path: "/mnt/fleet" }, leaseMs: 5000 },
    maxUnavailable: 2,
    beforeHook: "./before",
    afterHook: "./after",
    onFailureHook: "./failed",
    hookTimeoutMs: 30_000,
    host: "::1",
    port: 80,
    ports: [{ listen: 80, backend: { offset: 0 } }],
    handover: "/run/blog",
    join: false,
    tls: { cert: "/etc/tls/cert.pem", key: "/etc/tls/key.pem" },
    proxyProtocol: true,
    childHost: "::1",
    childPorts: [81, 82],
    healthcheck: { kind: "http", path: "/up?deep=1" },
    healthTimeoutMs: 3000,
    healthIntervalMs: 4,
    healthProbeTimeoutMs: 5,
    healthStatus: [{ from: 200, to: 204 }, { from: 404, to: 404 }],
    healthSuccesses: 3,
    healthHost: "blog.example:80",
    healthPortOffset: -10,
    livenessIntervalMs: 5000,
    livenessThreshold: 2,
    drainTimeoutMs: 0,
    tunnelGraceMs: 0,
    stopTimeoutMs: 0,
    stopSignal: "SIGINT",
    engine: "relay",
    socketProtocol: "server-starter",
    limits: {
      clientHeadTimeoutMs: 4000,
      clientIdleTimeoutMs: 5000,
      clientBodyTimeoutMs: 6000,
      clientSendTimeoutMs: 7000,
      connectTimeoutMs: 2000,
      responseIdleTimeoutMs: 3000,
      tunnelIdleTimeoutMs: 0,
      maxHeadBytes: 8192,
      maxHeaders: 9,
      maxTargetBytes: 1000,
      maxBodyBytes: 1024 ** 3,
      maxConnections: 0,
    },
    queueTimeoutMs: 0,
    queueLimit: 0,
    responseHeadTimeoutMs: 0,
    trustedProxies: [{ bytes: [10, 0, 0, 0], prefix: 8 }, {
      bytes: [...Array<number>(15).fill(0), 1],
      prefix: 128,
    }],
    retryUnsafe: true,
    retryStatus: [502, 503],
    replayBufferBytes: 131_072,
    forwarded: true,
    via: "edge-1",
    app: "blog",
    stateDir: "/srv/blog",
    controlListen: { host: "127.0.0.1", port: 9000 },
    controlTokenFile: "/etc/token",
    webhookSecretFile: "/etc/secret",
    notify: [{
      kind: "slack",
      channel: "deploys",
      title: null,
      url: null,
      thread: true,
      quiet: true,
    }],
    childLogs: "inherit",
    logLevel: "debug",
    logFormat: "json",
    accessLog: { path: "-", format: "combined" },
  };
  const others = ["Releases", "Containers", "Compose", "Data"];
  const elsewhere = ["serve", "join", "socket-protocol"];
  const flags = FLAGS.filter((flag) =>
    optionOf(flag).only === undefined && !others.includes(optionOf(flag).group) &&
    !elsewhere.includes(flag)
  );
  assertEquals(Object.keys(samples), [...flags]);

  const args = flags.map((flag) => `--${flag}=${samples[flag]}`);
  assertEquals(resolved(args).config, expected);
  const env = Object.fromEntries(
    flags.map((flag) => [
      `LIVEROLL_${flag.toUpperCase().replaceAll("-", "_")}`,
      samples[flag] ?? "",
    ]),
  );
  assertEquals(resolved([], { env }).config, expected);
  // A lone dash begins a list in YAML.
  const spelled = (text = "") => text === "-" ? `"-"` : text;
  const file = flags.map((flag) => `${flag}: ${spelled(samples[flag])}\n`).join("");
  assertEquals(resolved(["--config", "blog.yaml"], { file }).config, expected);
  assertEquals(resolved([], { file, env: { LIVEROLL_CONFIG: "blog.yaml" } }).config, expected);
});

Deno.test("resolveOptions() reads how releases are chosen and kept", () => {
  const { config } = resolved([
    "--exec=./app",
    "--registry=ghr://owner/app?pre-release=true",
    "--release-root=/srv/app",
    "--cache=redis://:pw@cache/2",
    "--registry-ttl=1m",
    "--max-stale=0s",
    "--slot=blue",
    "--calver=YYYY.0M.MICRO",
    "--allow-downgrade",
    "--verify-checksum=required",
    "--minisign-key=/etc/key.pub",
    "--cosign-key=/etc/cosign.pub",
    "--max-artifact=1g",
    "--max-unpacked=2g",
    "--keep-releases=3",
    "--audit=false",
    "--report-failures",
  ]);
  assertEquals([config.pull, config.id, config.registry?.kind], [null, null, "github"]);
  assertEquals(config.releases, {
    cache: {
      kind: "redis",
      host: "cache",
      port: 6379,
      db: 2,
      isTls: false,
      username: null,
      password: "pw",
      prefix: "liveroll/",
    },
    registryTtlMs: 60_000,
    maxStaleMs: 0,
    root: "/srv/app",
    slot: "blue",
    calver: "YYYY.0M.MICRO",
    allowDowngrade: true,
    verifyChecksum: "required",
    minisignKey: "/etc/key.pub",
    cosignSigner: { key: "/etc/cosign.pub" },
    maxArtifactBytes: 1024 ** 3,
    maxUnpackedBytes: 2 * 1024 ** 3,
    keepReleases: 3,
    audit: false,
    reportFailures: true,
  });
});

Deno.test("resolveOptions() reads who must have signed by cosign, without a key", () => {
  const identity = "https://github.com/o/r/.github/workflows/release.yml@refs/tags/{{tag}}";
  const issuer = "https://token.actions.githubusercontent.com";
  const signer = [`--cosign-identity=${identity}`, `--cosign-issuer=${issuer}`];
  const { config } = resolved([...REGISTRY, ...signer]);
  assertEquals(config.releases.cosignSigner, { identity, issuer });
});

/** How a server names one file, and how images come here. */
const GRPC = ["--exec=e", "--registry=grpc://releases:9000"];
const IMAGES = ["--exec=e", "--registry=img://ghcr.io/o/r"];
const NO_PROOF = "servers of grpc:// name one file, without checksum and signature; remove one";
const NOT_OURS =
  "images are fetched by whoever runs them, liveroll does not see their bytes; remove one";
const BOTH = ["--cosign-key=k", "--cosign-identity=i", "--cosign-issuer=s"];

for (
  const [args, complaint] of [
    [[...GRPC, "--verify-checksum=required"], `--verify-checksum: ${NO_PROOF}`],
    [[...GRPC, "--minisign-key=k"], `--minisign-key: ${NO_PROOF}`],
    [[...GRPC, "--cosign-key=k"], `--cosign-key: ${NO_PROOF}`],
    [[...IMAGES, "--minisign-key=k"], `--minisign-key: ${NOT_OURS}`],
    [[...IMAGES, "--verify-checksum=required"], `--verify-checksum: ${NOT_OURS}`],
    [
      ["--exec=e", "--registry=ghr://o/r", "--cosign-identity=i"],
      "--cosign-identity: there is no --cosign-issuer, say who vouches for the identity",
    ],
    [
      ["--exec=e", "--registry=ghr://o/r", "--cosign-issuer=i"],
      "--cosign-issuer: there is no --cosign-identity, say who must have signed",
    ],
    [
      ["--exec=e", "--registry=ghr://o/r", ...BOTH],
      "--cosign-identity: there is --cosign-key, too, remove one",
    ],
    [
      ["--exec=e", "--registry=ghr://o/r", "--cosign-identity=x@{{version}}", "--cosign-issuer=s"],
      '--cosign-identity: "x@{{version}}" has "{{version}}" in it, only {{tag}} is known',
    ],
    [
      ["--exec=e", "--registry=ghr://o/r", "--cosign-identity= ", "--cosign-issuer=s"],
      "--cosign-identity: the value is empty, give one or leave it out",
    ],
  ] as const
) {
  Deno.test(`what could never be shown is not demanded: ${args.slice(1).join(" ")}`, () => {
    assertEquals(errors(args), [complaint]);
  });
}

Deno.test("what a server of gRPC names may be checked as far as that goes", () => {
  assertEquals(resolved([...GRPC, "--verify-checksum=auto"]).config.registry?.kind, "grpc");
});

const REGISTRY = ["--exec=e", "--registry=ghr://o/r"];

for (
  const [args, complaint] of [
    [[...REGISTRY, "--pull=p"], "--pull: versions come from --registry, remove one"],
    [[...REGISTRY, "--id-timeout=1s"], "--id-timeout: versions come from --registry, remove one"],
    [[...REQUIRED, "--slot=blue"], "--slot: only for releases, but there is no --registry"],
    [["--exec=e", "--registry=ghr://o"], '--registry: "ghr://o" is not ghr://OWNER/REPO'],
    [[...REGISTRY, "--calver=nonsense"], "--calver: "],
    [["--registry=ghr://o/r"], "--exec is required: give the command that starts a child"],
  ] as const
) {
  Deno.test(`releases and commands do not mix: ${args.join(" ")}`, () => {
    assertEquals(errors(args).map((error) => error.slice(0, complaint.length)), [complaint]);
  });
}

Deno.test("resolveOptions() keeps what was given, flags first and in their order", () => {
  const { given } = resolved(["--exec", "e", "--pull=p", "--config=blog.yaml"], {
    env: { LIVEROLL_PORT: "80", LIVEROLL_EXEC: "shadowed" },
    file: "id: i\nport: 3\n",
  });
  assertEquals(given, [
    { flag: "exec", text: "e", origin: { from: "flag" } },
    { flag: "pull", text: "p", origin: { from: "flag" } },
    { flag: "config", text: "blog.yaml", origin: { from: "flag" } },
    { flag: "port", text: "80", origin: { from: "environment", name: "LIVEROLL_PORT" } },
    { flag: "id", text: "i", origin: { from: "file", path: "blog.yaml", line: 1 } },
  ]);
});

Deno.test("resolveOptions() returns a config that nobody can change", () => {
  const { config } = resolved(REQUIRED);
  assertEquals(Object.isFrozen(config), true);
  const [range] = config.healthStatus;
  assertThrows(() => Object.assign(range ?? {}, { from: 1 }), TypeError);
  assertThrows(() => Array.prototype.push.call(config.childPorts, 1), TypeError);
});

Deno.test("resolveOptions() answers help and version whatever else is wrong", () => {
  const table: [args: string[], kind: string][] = [
    [["--help"], "help"],
    [["-h", "--nonsense"], "help"],
    [["--port", "x", "--help"], "help"],
    [["--version"], "version"],
    [["--version", "--help"], "help"],
    [["--version=false", ...REQUIRED], "config"],
    [["--help=maybe", ...REQUIRED], "errors"],
    [["--check", ...REQUIRED], "check"],
    [["--check=false", ...REQUIRED], "config"],
    [["--check"], "errors"],
  ];
  for (const [args, kind] of table) assertEquals(resolve(args).kind, kind, args.join(" "));
});

Deno.test("resolveOptions() reports everything at once, in the order of the table", () => {
  const args = ["--log-level=loud", "--port=0", "--wat", "--exec", " ", "--interval=10"];
  assertEquals(errors(args, { env: { LIVEROLL_STRATEGY: "red", LIVEROLL_ID: "i" } }), [
    "unknown flag --wat",
    "--pull is required: give the command that fetches the newest artifact",
    "--exec: the command is empty, give a shell command",
    '--interval: missing unit in "10", for example 10s',
    '--strategy (from LIVEROLL_STRATEGY): unknown value "red": give one of blue-green, recreate',
    "--port: 0 is out of range, give 1 to 65535",
    '--log-level: unknown value "loud": give one of debug, info, warn, error',
  ]);
});

Deno.test("resolveOptions() does not call missing what was only misspelled", () => {
  assertEquals(errors(["--pul", "p", "--id", "i", "--exec", "e"]), [
    "unknown flag --pul (did you mean --pull?)",
  ]);
  assertEquals(errors(["--pull", "git", "pull", "--id", "i", "--exec", "e"]), [
    'unexpected argument "pull" after "git"; quote a value that has spaces',
  ]);
  assertEquals(errors(["--pull", "p", "--id", "i", "--exec"]), [
    "--exec: flag needs an argument, for example --exec CMD",
  ]);
});

Deno.test("a liveroll that is a child does not take what it is told for its own options", () => {
  const env = {
    LIVEROLL_INSTANCE: "i7",
    LIVEROLL_ID: "v1",
    LIVEROLL_PORT: "9101",
    LIVEROLL_HEALTHCHECK: "/up",
    LIVEROLL_HEALTH_PORT: "9101",
    LIVEROLL_INTERVAL: "5s",
  };
  const { config, warnings } = resolved(REQUIRED, { env });
  assertEquals([config.id, config.port], ["i", 8080]);
  assertEquals(config.healthcheck, DEFAULTS.healthcheck);
  assertEquals(config.intervalMs, 5000);
  assertEquals(warnings, []);
});

Deno.test("resolveOptions() warns of variables that look like options", () => {
  const env = { LIVEROLL_INTERVALL: "1s", LIVEROLL_CHECK: "1", LIVEROLL_: "x", PORT: "1" };
  assertEquals(resolved(REQUIRED, { env }).warnings, [
    "LIVEROLL_ is no option",
    "LIVEROLL_CHECK is no option",
    "LIVEROLL_INTERVALL is no option (did you mean LIVEROLL_INTERVAL?)",
  ]);
});

Deno.test("resolveOptions() warns that host and port of a health URL do not count", () => {
  const args = [...REQUIRED, "--healthcheck", "http://localhost:3000/up"];
  assertEquals(resolved(args).warnings, [
    "--healthcheck: of a full URL only path and query count; for another port or Host see " +
    "--health-port-offset and --health-host",
  ]);
});

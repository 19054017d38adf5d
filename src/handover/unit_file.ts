import { quoteArgument, quoteProgram, settingText } from "./systemd_quote.ts";

/** Where a program lives that was not asked from its own binary. */
const USUAL_PATH = "/usr/local/bin/liveroll";

/** Where secrets of a unit lie; `%N` is its name. */
export const ENVIRONMENT_FILE = "/etc/liveroll/%N.env";

/** The same of a template, for all its instances; `%p` is its name. */
const TEMPLATE_ENVIRONMENT_FILE = "/etc/liveroll/%p.env";

/** What a unit is made of. */
export interface UnitFileOptions {
  /** One line for people. */
  description: string;
  /** Absolute path of the program; null when only {@linkcode USUAL_PATH} can be guessed. */
  execPath: string | null;
  /** Everything after the program, unquoted. */
  args: readonly string[];
  /** Variables that hold secrets; they are read from {@linkcode ENVIRONMENT_FILE}. @default {[]} */
  secretVariables?: readonly string[];
  /** Longest that an orderly stop may take, in milliseconds. */
  stopLimitMs: number;
  /**
   * Whether children need nobody who reads their output (`--child-logs=inherit`): then they serve
   * on while liveroll itself is killed and started again, and are found by it.
   *
   * @default {false}
   */
  childrenOutlive?: boolean;
  /**
   * The unit of the container engine that runs versions; null: they are children of liveroll.
   *
   * @default {null}
   */
  engineUnit?: string | null;
  /** Whether a `.socket` unit of the same name holds the public sockets. @default {false} */
  hasSocket?: boolean;
  /**
   * Whether systemd keeps the public sockets that liveroll opens itself. @default {false}
   */
  keepsSockets?: boolean;
  /**
   * Variables that each instance of a template has of its own, for the first one: several
   * livrolls beside each other, each with a child. Null: there is one. @default {null}
   */
  instanceVariables?: Readonly<Record<string, string>> | null;
  /** Whether another liveroll can take over: a reload is an upgrade then. @default {false} */
  handsOver?: boolean;
  /**
   * Where another liveroll takes over; below `/run`, systemd makes it. Null: nowhere.
   *
   * @default {null}
   */
  handoverDirectory?: string | null;
}

/** Time for what no limit covers: scheduling, logging, the exit itself. */
const STOP_SLACK_MS = 15_000;

/**
 * The text of a hardened systemd unit that runs liveroll with the given arguments. What could break
 * commands that people commonly pull and run with is left out, and the unit says how to tighten.
 */
export function unitFile(options: UnitFileOptions): string {
  return `${unitSection(options)}\n${serviceSection(options)}\n${HARDENING}\n${INSTALL}`;
}

function unitSection({ description, engineUnit = null }: UnitFileOptions): string {
  return `[Unit]
Description=${settingText(description)}
${order(engineUnit)}
# Never give up: a host must come back by itself after a long outage.
StartLimitIntervalSec=0
`;
}

/** An engine that is exchanged must not take liveroll with it, so nothing binds them. */
function order(engineUnit: string | null): string {
  if (engineUnit === null) return USUAL_ORDER;
  return `\
# Not Requires= or BindsTo=: liveroll waits for an engine that is exchanged, and is not stopped with
# it.
Wants=network-online.target ${engineUnit}
After=network-online.target ${engineUnit}`;
}

function serviceSection(options: UnitFileOptions): string {
  return `[Service]
Type=notify
NotifyAccess=main
${environmentFile(options)}${execStart(options)}
${reload(options)}
${sockets(options)}
${killMode(options)}
TimeoutStopSec=${Math.ceil((options.stopLimitMs + STOP_SLACK_MS) / 1_000)}s
# liveroll asks for more time itself while the first version is fetched and proven.
TimeoutStartSec=90s
# Always: it ends by itself only when something is wrong, and what is wrong (a port that is taken,
# a disk that is full) may pass. After \`systemctl stop\` nothing is restarted.
Restart=always
RestartSec=2s
# A frozen main process is replaced at once; a core dump of the JavaScript engine helps nobody.
WatchdogSec=30s
WatchdogSignal=SIGKILL
# When the kernel kills a child that uses too much memory, liveroll starts it again; the default
# would stop the whole service.
OOMPolicy=continue
LimitNOFILE=65536:524288

# Relative paths in the commands start here: /var/lib/NAME-OF-THE-UNIT. What liveroll remembers and
# its control socket are here, too, and are nobody else's business.
StateDirectory=%N
StateDirectoryMode=0700
WorkingDirectory=%S/%N
${
    runtimeDirectory(options)
  }# With --control-listen: the token that a client has to show, in a file that only root can read.
#LoadCredential=liveroll-token:/etc/liveroll/token
# An account of its own is safer than root where the commands allow it:
#User=liveroll
#SupplementaryGroups=docker
#AmbientCapabilities=CAP_NET_BIND_SERVICE
`;
}

/** Below `/run`, and nothing that systemd keeps for others. */
const RUNTIME =
  /^(?:\/var)?\/run\/((?!user\/|private\/|systemd\/)[\w:@-][\w.:@-]*(?:\/[\w:@-][\w.:@-]*)*)\/*$/;

function runtimeDirectory({ handoverDirectory = null }: UnitFileOptions): string {
  const name = RUNTIME.exec(handoverDirectory ?? "")?.[1];
  if (name === undefined) return "";
  return `# Where another liveroll takes over: an account of its own could not make it below /run. It stays
# while the service restarts.
RuntimeDirectory=${name}
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=restart
`;
}

function environmentFile(
  { secretVariables = [], instanceVariables = null }: UnitFileOptions,
): string {
  const own = instanceVariables === null ? "" : `# Another instance has others, by a drop-in.
${variableLines(instanceVariables)}`;
  if (secretVariables.length === 0) return own;
  const file = instanceVariables === null ? ENVIRONMENT_FILE : TEMPLATE_ENVIRONMENT_FILE;
  return `${own}# For secrets, as VARIABLE='…'; only root may read it: ${secretVariables.join(", ")}
EnvironmentFile=${file}
`;
}

/** `Environment=` for each. */
export function variableLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `Environment=${quoteArgument(`${name}=${value}`)}\n`).join("");
}

function reload({ execPath, handsOver = false }: UnitFileOptions): string {
  if (!handsOver) return FORCED_UPDATE;
  return `# Another liveroll takes over: the program that lies here then. liveroll update --force forces an
# update.
ExecReload=${quoteProgram(execPath ?? USUAL_PATH)} upgrade`;
}

function sockets(options: UnitFileOptions): string {
  const { hasSocket = false, instanceVariables = null, keepsSockets = false } = options;
  const prefix = instanceVariables === null ? "%N" : "%p";
  if (hasSocket) {
    return `# They stay open while the service does not run.
Sockets=${prefix}.socket
# Otherwise every start would make them blocking for all who share them, and the event loop of
# somebody who accepts, a child or another liveroll, would stand still.
NonBlocking=yes
`;
  }
  return keepsSockets ? STORE : "";
}

function killMode({ childrenOutlive = false, engineUnit = null }: UnitFileOptions): string {
  if (engineUnit !== null) return KILL_COMMANDS;
  return childrenOutlive ? KILL_MAIN : KILL_ALL;
}

function execStart({ execPath, args }: UnitFileOptions): string {
  const guess = execPath === null ? "# Put the program there, or the right path here.\n" : "";
  const words = [quoteProgram(execPath ?? USUAL_PATH), ...args.map(quoteArgument)];
  return `${guess}ExecStart=${words.join(" \\\n  ")}`;
}

const USUAL_ORDER = `\
Wants=network-online.target
After=network-online.target docker.service`;

const FORCED_UPDATE = `\
# Forces an update. Needs no procps, unlike /bin/kill.
ExecReload=/bin/sh -c 'kill -HUP $$MAINPID'`;

/** More than there are public ports, and than anybody would add before the next start. */
const MAX_STORED = 64;

const STORE = `\
# systemd keeps the public sockets: after a crash or a restart connections wait for the next
# liveroll. The second line tells liveroll so where systemd is older than 254.
FileDescriptorStoreMax=${MAX_STORED}
Environment=FDSTORE=${MAX_STORED}
`;

const KILL_ALL = `\
# TERM goes to liveroll alone, which drains and stops its children in order; what is left after
# TimeoutStopSec (all limits together, and some slack) is killed. So is every child when liveroll
# itself is killed; with --child-logs=inherit and KillMode=process children serve on meanwhile, and
# the next liveroll finds them and goes on with them.
KillMode=mixed`;

const KILL_COMMANDS = `\
# TERM goes to liveroll alone. Containers are children of the engine: whatever happens to liveroll,
# they serve on (unless --on-stop says otherwise), and the next liveroll takes them over. What is
# killed here with liveroll are commands: hooks, migrations by compose, health checks.
KillMode=mixed`;

const KILL_MAIN = `\
# TERM goes to liveroll alone, which drains and stops its children in order. When liveroll itself is
# killed (by the watchdog, by hand), the children serve on, as their output goes to the journal
# without it (--child-logs=inherit); the next liveroll finds them and goes on with them.
# The price: should a stop take longer than TimeoutStopSec (all limits together, and some slack),
# children stay, until \`systemctl kill --signal=KILL\` or until the next start takes care of them.
# Safer in that case, with a gap whenever liveroll itself is killed: KillMode=mixed
KillMode=process`;

const HARDENING = `# Everything below also holds for the commands and the children.
NoNewPrivileges=yes
# Tighter: ProtectSystem=strict, with ReadWritePaths= for every place that the commands write to.
ProtectSystem=full
# Tighter, if nothing lives in home directories (\`docker login\` does): ProtectHome=yes
# Away with this one if files in /tmp are shared with others, for example with \`docker run -v\`.
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes
SystemCallArchitectures=native
KeyringMode=private
# Not RestrictNamespaces=: rootless Podman, bubblewrap and Chromium need them.
# Not MemoryDenyWriteExecute=: JavaScript engines compile at run time.
`;

const INSTALL = `[Install]
WantedBy=multi-user.target
`;

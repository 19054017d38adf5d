import { isIP } from "node:net";
import type { Config } from "../config/config.ts";
import type { Given } from "../config/given.ts";
import { environmentName } from "../config/environment.ts";
import { type Flag, optionOf } from "../config/options.ts";
import type { ResolvedOptions } from "../config/resolve.ts";
import { ENVIRONMENT_FILE, unitFile, variableLines } from "../handover/unit_file.ts";
import { instanceVariables, isOfInstance, templateComplaint } from "./unit_template.ts";
import { socketUnit } from "../handover/socket_unit.ts";
import { splitWords } from "../config/words_kind.ts";
import { withWholePaths } from "../container/run/whole_paths.ts";
import { EXIT_USAGE, type Io } from "./command.ts";
import { shellWords } from "./dewy/shell_words.ts";
import { optionRedactor } from "./secrets.ts";
import { type UnitVerb, unitVerb } from "./unit_verb.ts";

/** Longest that killing a process group and seeing its port free may take after the stop limit. */
const KILL_MS = 5_000;

const SYSTEM = "/etc/systemd/system";
const NAME = "NAME-OF-THE-UNIT";

/** What is printed. */
export interface UnitOptions {
  /** Two units: one holds the sockets. @default {false} */
  readonly hasSocket?: boolean;
  /** Instances that share the sockets. @default {false} */
  readonly isTemplate?: boolean;
  /** What the unit runs. @default {the command that is for such a configuration} */
  readonly command?: UnitVerb;
}

/** Options in whose URLs may be passwords. */
const WITH_PASSWORDS: readonly Flag[] = ["registry", "cache", "notify"];

/**
 * `liveroll unit`: prints a systemd unit that runs liveroll with the same options. Everybody on the
 * host can read it, so secrets are left out, and it is said where they belong.
 */
export function unit(
  resolved: ResolvedOptions,
  io: Pick<Io, "out" | "err">,
  { hasSocket = false, isTemplate = false, command }: UnitOptions = {},
): number {
  const complaint = hasSocket ? socketComplaint(resolved) : null;
  if (complaint !== null) return refuse("--socket", complaint, io);
  const objection = isTemplate ? templateComplaint(resolved, hasSocket) : null;
  if (objection !== null) return refuse("--template", objection, io);
  const how = command === undefined ? {} : { command };
  if (isTemplate) io.out(templateTexts(resolved, how));
  else io.out(hasSocket ? bothTexts(resolved, how) : unitText(resolved, how).trimEnd());
  for (const variable of secretVariables(resolved)) {
    io.err(
      `liveroll: warning: a secret is left out: put ${variable}='…' into ` +
        `${ENVIRONMENT_FILE.replace("%N", "NAME-OF-THE-UNIT")}, with mode 0600`,
    );
  }
  return 0;
}

function refuse(flag: string, complaint: string, io: Pick<Io, "err">): number {
  io.err(`liveroll: ${flag}: ${complaint}`);
  return EXIT_USAGE;
}

/** Null: a `.socket` unit can be had. */
function socketComplaint({ config: { engine, host, ports } }: ResolvedOptions): string | null {
  if (ports.length === 0) return "files that are not served have no socket, give --serve";
  if (engine === "fetch") return "not with --engine fetch, give --engine relay or tcp";
  return isIP(host) === 0 ? `--host ${host} is a name, give an IP address` : null;
}

/** Two files; where each belongs stands above it. */
function bothTexts(resolved: ResolvedOptions, how: UnitShape): string {
  return `# --- ${SYSTEM}/${NAME}.socket
${socketText(resolved)}
# --- ${SYSTEM}/${NAME}.service
${unitText(resolved, { ...how, hasSocket: true })}`.trimEnd();
}

/** Three files: two instances share a socket, and have ports for their children each. */
function templateTexts(resolved: ResolvedOptions, how: UnitShape): string {
  const [first, second] = instanceVariables(resolved.config);
  return `# --- ${SYSTEM}/${NAME}.socket
${socketText(resolved, "%N@A.service")}
# --- ${SYSTEM}/${NAME}@.service
${unitText(resolved, { ...how, hasSocket: true, instanceVariables: first })}
# --- ${SYSTEM}/${NAME}@B.service.d/ports.conf
[Service]
${variableLines(second)}`.trimEnd();
}

function socketText(resolved: ResolvedOptions, service?: string): string {
  const { host, ports } = resolved.config;
  const addresses = ports.map(({ listen: port }) => ({ hostname: host, port }));
  const description = `sockets of ${descriptionOf(resolved)}`;
  return socketUnit({ description, addresses, ...service !== undefined && { service } });
}

function descriptionOf({ config: { port } }: Pick<ResolvedOptions, "config">): string {
  return `liveroll ${port === null ? "for files" : `on port ${port}`}`;
}

/** Options that name a file or a directory. */
const FILES: readonly Flag[] = [
  "config",
  "tls-cert",
  "tls-key",
  "access-log",
  "state-dir",
  "handover",
  "release-root",
  "minisign-key",
  "cosign-key",
  "control-token-file",
  "webhook-secret-file",
  "compose-file",
  "env-file",
];

/** What {@linkcode unitText} is to print. */
export interface UnitShape {
  /** Whether a `.socket` unit holds the public sockets. @default {false} */
  hasSocket?: boolean;
  /** Of a template, for its first instance; null: it is none. @default {null} */
  instanceVariables?: Readonly<Record<string, string>> | null;
  /** What the unit runs. @default {the command that is for such a configuration} */
  command?: UnitVerb;
}

/** The unit. What came from the environment becomes a flag; what came from a file stays there. */
export function unitText(
  resolved: Pick<ResolvedOptions, "config" | "given">,
  { hasSocket = false, instanceVariables = null, command = unitVerb(resolved.config) }: UnitShape =
    {},
): string {
  const { config, given } = resolved;
  const isTemplate = instanceVariables !== null;
  const isOpen = (one: Given) =>
    belongsInUnit(one) && !isSecret(one, config) && !(isTemplate && isOfInstance(one));
  const words = given.filter(isOpen).flatMap(argumentsFor);
  return unitFile({
    description: descriptionOf(resolved),
    execPath: Deno.build.standalone ? Deno.execPath() : null,
    args: [command, ...words, ...isTemplate ? ["--join"] : []],
    secretVariables: secretVariables(resolved),
    stopLimitMs: stopLimitMs(config),
    childrenOutlive: config.childLogs === "inherit",
    hasSocket,
    instanceVariables,
    keepsSockets: config.ports.length > 0 && config.engine !== "fetch",
    handsOver: config.handover !== null,
    handoverDirectory: config.handover,
    engineUnit: engineUnit(config),
  });
}

/** The unit of the engine that runs versions; null: none does. */
function engineUnit({ container, compose }: Config): string | null {
  const parts = container ?? compose;
  if (parts === null) return null;
  return /podman/.test(parts.dockerHost ?? "") ? "podman.socket" : "docker.service";
}

/** Variables for what must not stand in the unit. */
function secretVariables(
  { config, given }: Pick<ResolvedOptions, "config" | "given">,
): string[] {
  return given.filter((one) => belongsInUnit(one) && isSecret(one, config))
    .map(({ flag }) => environmentName(flag));
}

/** The environment of whoever prints a unit has nothing to do with it. */
function isSecret({ flag, text }: Given, config: Config): boolean {
  return WITH_PASSWORDS.includes(flag) && optionRedactor(config, {})(flag, text) !== text;
}

function belongsInUnit({ flag, origin }: Given): boolean {
  return origin.from !== "file" && optionOf(flag).only !== "flag";
}

/** What was given several times is given several times in the unit. */
function argumentsFor({ flag, text, origin }: Given): string[] {
  const texts = optionOf(flag).kind.isRepeated ? text.split("\n") : [text];
  return texts.map((one) => argument({ flag, text: one, origin }));
}

/** The unit runs in another directory: a file that was named from here needs its whole path. */
function argument({ flag, text }: Given): string {
  if (flag === "run-options") return `--${flag}=${wholePaths(text)}`;
  const isRelative = FILES.includes(flag) && !text.startsWith("/") && text !== "-";
  return `--${flag}=${isRelative ? `${Deno.cwd()}/${text}` : text}`;
}

function wholePaths(text: string): string {
  const words = splitWords(text);
  const whole = withWholePaths(words, Deno.cwd());
  // As it was written, where nothing has to be changed.
  return words.join("\0") === whole.join("\0") ? text : shellWords(whole);
}

function stopLimitMs({ drainTimeoutMs, tunnelGraceMs, stopTimeoutMs }: Config): number {
  return drainTimeoutMs + tunnelGraceMs + stopTimeoutMs + KILL_MS;
}

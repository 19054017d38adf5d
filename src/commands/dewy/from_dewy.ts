import type { DewyCommand } from "./keep_up.ts";
import { resolve } from "node:path/posix";
import { isDirect } from "./defaults.ts";
import { containerArgs, takeContainerWords } from "./container_command.ts";
import { dewyPorts } from "./ports.ts";
import { releaseCommand } from "./release_command.ts";

/** What a command line of Dewy means here. */
export interface Translation {
  /** Options as `liveroll run` takes them. */
  readonly args: readonly string[];
  /** What is not quite the same here, for people. */
  readonly notes: readonly string[];
  /** What there is nothing for. */
  readonly problems: readonly string[];
}

/** Which options of Dewy are ours under another name, and how their values are written. */
const RENAMED: Readonly<Record<string, { name: string; value?(text: string): string }>> = {
  c: { name: "cache" },
  cache: { name: "cache" },
  notifier: { name: "notify" },
  i: { name: "interval", value: interval },
  interval: { name: "interval", value: interval },
  l: { name: "log-level" },
  f: { name: "log-format" },
  "before-deploy-hook": { name: "before-hook" },
  "after-deploy-hook": { name: "after-hook" },
  s: { name: "slot" },
  n: { name: "app" },
  name: { name: "app" },
  "health-path": { name: "healthcheck" },
  "health-timeout": { name: "health-timeout", value: pause },
  "max-backoff-interval": { name: "max-backoff", value: seconds },
  "drain-time": { name: "drain-timeout", value: seconds },
};

/** What is done in another way here; the option itself is left out. */
const ELSEWHERE: Readonly<Record<string, { takesValue: boolean; note: string }>> = {
  telemetry: { takesValue: false, note: "metrics are at /metrics of --control-listen" },
  "otlp-endpoint": {
    takesValue: true,
    note: "OpenTelemetry is switched on by OTEL_DENO=true and OTEL_EXPORTER_OTLP_ENDPOINT",
  },
  "otlp-insecure": {
    takesValue: false,
    note: "OTEL_EXPORTER_OTLP_ENDPOINT says whether it is http or https",
  },
  "admin-port": {
    takesValue: true,
    note: "the API is on a socket; --control-listen HOST:PORT opens it on a port, too",
  },
  "proxy-idle-timeout": {
    takesValue: true,
    note: "see --client-idle-timeout and --tunnel-idle-timeout",
  },
  "no-rollback": { takesValue: false, note: "--min-healthy 0 keeps a new version in any case" },
};

/** What `dewy assets` takes, and does nothing with. */
const IDLE_FOR_ASSETS: Readonly<Record<string, string>> = {
  p: "nothing listens, as with Dewy; --serve PORT serves the files",
  port: "nothing listens, as with Dewy; --serve PORT serves the files",
  "health-path": "there is nothing to probe",
  "health-timeout": "there is nothing to probe",
  "drain-time": "there is nothing to drain",
  "no-rollback": "there is nothing to go back from",
};

const SEVERAL_PORTS =
  "--port: the application listens on one port, PORT, and liveroll on the public one; several " +
  "public ports need --engine direct, which passes their sockets on as Dewy does, or --engine tcp, " +
  "and lead to PORT then, or to PORT + N with :+N, as in 8000,8001:+10";

/** A verb of Dewy below `container`, and where to look for it. */
const CONTAINER_LIST =
  "container list: liveroll status tells of its containers, liveroll ps of all applications here";

/**
 * Translates the arguments of `dewy server`, `dewy assets` or `dewy container` into ours. Ours pass as they are.
 *
 * @param cwd Where Dewy runs: `current` in it is the release, unless `--release-root` says otherwise.
 */
export function fromDewy(
  dewyCommand: DewyCommand,
  args: readonly string[],
  cwd: string,
): Translation {
  const end = args.indexOf("--");
  const flags = end === -1 ? args : args.slice(0, end);
  const command = end === -1 ? [] : args.slice(end + 1);
  if (dewyCommand === "container") return fromDewyContainer(flags, command);
  const reader = new Reader(dewyCommand, flags);
  reader.read();
  if (command.length === 0) return reader;
  const root = resolve(cwd, rootOf(reader.args));
  if (dewyCommand === "assets") reader.notes.push("what follows -- is left out: nothing is run");
  else reader.args.push(`--exec=${releaseCommand(command, cwd, root)}`);
  return reader;
}

function fromDewyContainer(flags: readonly string[], runWords: readonly string[]): Translation {
  if (flags[0] === "list") return { args: [], notes: [], problems: [CONTAINER_LIST] };
  const taken = takeContainerWords(flags);
  const reader = new Reader("container", taken.rest);
  reader.read();
  const args = containerArgs({ args: [...reader.args, ...taken.args] }, runWords, taken.command);
  return { args, notes: reader.notes, problems: [...taken.problems, ...reader.problems] };
}

/** `--release-root`, which is ours. */
function rootOf(args: readonly string[]): string {
  const at = args.findLastIndex((arg) => /^--?release-root(=|$)/.test(arg));
  const [, attached] = args[at]?.split(/=(.*)/s) ?? [];
  return attached ?? (at === -1 ? "." : args[at + 1] ?? ".");
}

/** Goes through flags once. */
class Reader implements Translation {
  readonly args: string[] = [];
  readonly notes: string[] = [];
  readonly problems: string[] = [];
  readonly #idle: Readonly<Record<string, string>>;
  readonly #flags: readonly string[];
  #ports: string[] = [];

  constructor(command: DewyCommand, flags: readonly string[]) {
    this.#idle = command === "assets" ? IDLE_FOR_ASSETS : {};
    this.#flags = flags;
  }

  read(): void {
    for (let at = 0; at < this.#flags.length;) at += this.#one(at);
    this.#tellPorts();
  }

  /** @returns How many words were used up. */
  #one(at: number): number {
    const [word = "", next] = this.#flags.slice(at, at + 2);
    const [, name = "", attached] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "") return this.#pass(word);
    const elsewhere = this.#elsewhere(name);
    if (elsewhere !== null) {
      this.notes.push(`${word.split("=")[0]}: ${elsewhere.note}`);
      return elsewhere.takesValue && attached === undefined ? 2 : 1;
    }
    const renamed = RENAMED[name];
    const isPort = name === "p" || name === "port";
    if (renamed === undefined && !isPort) return this.#pass(word);
    const value = attached ?? next;
    if (value === undefined) {
      this.problems.push(`${word}: flag needs an argument`);
      return 1;
    }
    if (isPort) this.#ports.push(value);
    else this.#rename(word, renamed!, value);
    return attached === undefined ? 2 : 1;
  }

  #elsewhere(name: string): { takesValue: boolean; note: string } | null {
    const note = this.#idle[name];
    if (note === undefined) return ELSEWHERE[name] ?? null;
    return { takesValue: ELSEWHERE[name]?.takesValue ?? true, note };
  }

  #pass(word: string): 1 {
    this.args.push(word);
    return 1;
  }

  #rename(word: string, { name, value }: (typeof RENAMED)[string], text: string): void {
    const ours = this.#read(word, () => value === undefined ? text : value(text));
    if (ours !== null) this.args.push(`--${name}=${ours}`);
  }

  #tellPorts(): void {
    if (this.#ports.length === 0) return;
    const ports = this.#read("--port", () => dewyPorts(this.#ports));
    if (ports === null) return;
    this.args.push(`--port=${ports.join(",")}`);
    if (ports.length > 1 && !isDirect(this.args, {})) this.notes.push(SEVERAL_PORTS);
  }

  /** @returns Null: what it says is a problem now. */
  #read<T>(word: string, value: () => T): T | null {
    try {
      return value();
    } catch (error) {
      this.problems.push(`${word}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  }
}

/** Dewy counts in seconds; what has a unit is ours. */
function seconds(text: string): string {
  return /^\d+$/.test(text) ? `${Number(text)}s` : text;
}

/** As Dewy has it: no negative interval. */
function interval(text: string): string {
  return /^-\d+$/.test(text) ? "10s" : pause(text);
}

/** Seconds between or for something, so not 0. */
function pause(text: string): string {
  if (/^0+$/.test(text)) throw new RangeError("0 seconds would be no time at all");
  return seconds(text);
}

import type { NotifySocket } from "../handover/notify_socket.ts";
import type { CommandEnd, Notices } from "../health/inside.ts";
import { waitUntilPortFree } from "../platform/ports.ts";
import type { ProcessBody } from "../platform/process_body.ts";
import { type Pump, pumpLines } from "../platform/pump.ts";
import { RecentLines } from "../platform/recent_lines.ts";
import { runShellCommand, type ShellCommand } from "../platform/shell_command.ts";
import type { Exit, Instance, StopOutcome } from "../roll/instance.ts";
import { impostorOf } from "./impostor.ts";
import { InstanceCommands } from "./instance_commands.ts";
import { expandFor } from "./instance_environment.ts";
import { portsOf } from "./instance_ports.ts";
import type { OutputStream, ProcessRuntimeOptions } from "./process.ts";

const LAST_WORDS = { idleMs: 100, maxMs: 500 };
const PORT_WAIT_MS = 2_000;

/** What tells an instance from all others. */
export interface Identity {
  key: string;
  id: string;
  port: number;
  /** Value of `LIVEROLL_INSTANCE` in the environment of everything that belongs to it. */
  token: string;
}

/** What an instance is made of. */
export interface InstanceParts {
  group: ProcessBody;
  birth: string | null;
  /** The whole environment, for its commands. */
  env: Readonly<Record<string, string>>;
  /** Null: it has none to speak on. */
  notifySocket: NotifySocket | null;
  /** See {@linkcode Instance.misfit}. @default {null} */
  misfit?: string | null;
}

/** A version that runs as a shell command. */
export class ProcessInstance implements Instance {
  readonly key: string;
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly birth: string | null;
  readonly misfit: string | null;
  /**
   * Resolves when the shell has ended and its last lines are in; {@linkcode ProcessInstance.exit}
   * may be known up to half a second earlier, if somebody else still holds the output.
   */
  readonly exited: Promise<Exit>;
  /** Resolves when it has been stopped. */
  readonly stopped: Promise<void>;

  readonly #options: ProcessRuntimeOptions;
  readonly #env: Readonly<Record<string, string>>;
  /** Marks everything that belongs to the instance, what its stop command leaves included. */
  readonly #token: string;
  readonly #notifySocket: NotifySocket | null;
  readonly #commands: InstanceCommands;
  readonly #group: ProcessBody;
  readonly #pumps: readonly Pump[];
  readonly #recent = new RecentLines();
  readonly #force = new AbortController();
  readonly #reportStopped: () => void;
  #stopping: Promise<StopOutcome> | null = null;
  /** Why it cannot be ended: it is not told again with every try. */
  #isTold = false;

  constructor(
    { key, id, port, token }: Identity,
    { group, birth, env, notifySocket, misfit = null }: InstanceParts,
    options: ProcessRuntimeOptions,
  ) {
    this.key = key;
    this.id = id;
    this.port = port;
    this.host = options.childHost;
    this.birth = birth;
    this.misfit = misfit;
    this.#token = token;
    this.#options = options;
    this.#env = env;
    this.#notifySocket = notifySocket;
    this.#commands = new InstanceCommands(env, token);
    this.#group = group;
    this.#pumps = this.#capture();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#reportStopped = resolve;
    this.exited = group.exited.then(async (exit) => {
      await Promise.all(this.#pumps.map((pump) => pump.settled(LAST_WORDS)));
      return exit;
    });
  }

  get pid(): number {
    return this.#group.pid;
  }

  get exit(): Exit | null {
    return this.#group.exit;
  }

  lastLines(): readonly string[] {
    return this.#recent.all();
  }

  /** What it said on its own socket; null when it has none. */
  get notices(): Notices | null {
    return this.#notifySocket;
  }

  /**
   * Runs a command with its templates and environment; see {@linkcode InstanceCommands.run}.
   *
   * @throws The signal's reason, when it aborts.
   */
  run(command: string, signal: AbortSignal): Promise<CommandEnd> {
    return this.#commands.run(this.#expand(command), signal);
  }

  /**
   * Who listens on its port or its health port without being a part of it.
   *
   * With a stop command the application lives elsewhere (in a container, in another unit), so
   * anybody may be it; nor do the port forwarders of container engines belong to those they serve.
   */
  async impostor(): Promise<string | null> {
    if (this.#options.stop !== null) return null;
    return await impostorOf(this.#group, {
      host: this.host,
      ports: portsOf(this.port, this.#options),
    });
  }

  /**
   * Asks the instance to end (by the stop command if there is one, else by the stop signal), waits
   * for its whole group, kills what is left, ends what had daemonised itself, and waits until its
   * port is free.
   *
   * The stop command runs even after an exit: what the child started elsewhere (the container of
   * a killed `docker run`) may still be there. The signal follows if it fails.
   */
  stop(): Promise<StopOutcome> {
    return this.#stopping ??= this.#stop().then((outcome) => {
      // Whoever asks again has it tried again.
      if (outcome === "survived") this.#stopping = null;
      this.#isTold = true;
      return outcome;
    }).finally(this.#reportStopped);
  }

  /** Lets go of it: it runs on, and whoever finds it may look after it. */
  async leave(): Promise<void> {
    await Promise.all([this.#commands.close(), this.#notifySocket?.close()]);
    this.#group.release();
  }

  kill(): void {
    this.#force.abort();
    this.#group.signalGroup("SIGKILL");
  }

  async #stop(): Promise<StopOutcome> {
    const { stopSignal, stopTimeoutMs } = this.#options;
    const start = performance.now();
    const wasGone = await this.#group.isGone();
    const command = this.#startStopCommand();
    const needsSignal = command === null || await this.#fails(command, wasGone);
    const outcome = await this.#group.terminate({
      signal: needsSignal ? stopSignal : null,
      timeoutMs: Math.max(stopTimeoutMs - (performance.now() - start), 0),
      force: this.#force.signal,
    });
    const wasForced = this.#force.signal.aborted;
    await Promise.all([
      command?.idle,
      this.#commands.close(),
      this.#notifySocket?.close(),
      ...this.#pumps.map((pump) => pump.close()),
    ]);
    this.#group.release();
    if (await this.#isPortHeld()) return "survived";
    if (wasGone || outcome === "survived") return outcome;
    // A kill may have done its work before anybody began to wait.
    if (wasForced) return "killed";
    return outcome === "already_gone" ? "stopped" : outcome;
  }

  #startStopCommand(): ShellCommand | null {
    const { stop, stopTimeoutMs, stopLog, log } = this.#options;
    if (stop === null || this.#force.signal.aborted) return null;
    const { id, port } = this;
    try {
      return runShellCommand(this.#expand(stop), {
        env: this.#env,
        token: this.#token,
        timeoutMs: stopTimeoutMs,
        signal: this.#force.signal,
        onLine: (line, stream) => stopLog.info(line, { id, port, stream }),
      });
    } catch (error) {
      // Out of processes or files: the signal needs neither.
      log.warn(`Cannot start the stop command of ${id}@${port}: ${error}`, {
        event: "stop.failed",
        id,
        port,
      });
      return null;
    }
  }

  /** @returns Whether the command ended without having done its work, while there is time left. */
  async #fails(command: ShellCommand, wasGone: boolean): Promise<boolean> {
    const result = await command.result.catch(() => ({ outcome: "cut_short" }) as const);
    if (result.outcome === "exited" && result.exit.code === 0) return false;
    const { id, port } = this;
    const { log } = this.#options;
    const detail = result.outcome === "exited" ? `exit status ${result.exit.code}` : result.outcome;
    const properties = { event: "stop.failed", id, port, detail };
    // There may be nothing left to stop after an exit; that is how it should be.
    const message = `The stop command of ${id}@${port} failed: ${detail}`;
    if (wasGone || this.#isTold) log.debug(message, properties);
    else log.warn(message, properties);
    return result.outcome === "exited";
  }

  async #isPortHeld(): Promise<boolean> {
    const { log } = this.#options;
    for (const port of portsOf(this.port, this.#options)) {
      const holder = await waitUntilPortFree(this.host, port, {
        timeoutMs: PORT_WAIT_MS,
      });
      if (holder === null) continue;
      const { id } = this;
      const message = `Port ${port} is still held after ${id} was stopped: ${holder}`;
      const properties = { event: "port.held", id, port, holder };
      if (this.#isTold) log.debug(message, properties);
      else log.warn(message, properties);
      return true;
    }
    return false;
  }

  #capture(): Pump[] {
    const { stdout, stderr } = this.#group;
    return [
      { stream: "stdout", pipe: stdout } as const,
      { stream: "stderr", pipe: stderr } as const,
    ]
      .flatMap(({ stream, pipe }) => pipe ? [pumpLines(pipe, this.#hear(stream))] : []);
  }

  #hear(stream: OutputStream): (line: string) => void {
    const { key, id, port } = this;
    const { childLog, onLine, redact = (line) => line } = this.#options;
    return (raw) => {
      // Before anything is cut off: half a secret would not be known as one.
      const line = redact(raw);
      this.#recent.push(line);
      childLog.info(line, { id, port, stream });
      onLine?.(line, stream, { key, id, port });
    };
  }

  #expand(command: string): string {
    return expandFor(this, command, this.#options);
  }
}

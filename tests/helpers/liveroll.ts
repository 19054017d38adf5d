import { assertEquals } from "@std/assert";
import {
  asEvent,
  EventLog,
  type EventOf,
  type EventType,
  type LogLine,
  type Match,
} from "./event_log.ts";
import { clearAbandoned } from "./abandoned.ts";
import { Home } from "./home.ts";
import { type Answer, type Ask, ask } from "./http.ts";
import { inspect, type ProcessInfo, signal } from "./proc.ts";
import { DEFAULT_FLAGS, type LiverollOptions } from "./liveroll_options.ts";
import { programCommand } from "./program.ts";
import { showingLogs } from "./showing_logs.ts";
import { type Behaviour, TOY_COMMANDS, type ToyLanguage, type ToyWorkspace } from "./toy.ts";

export type { LiverollOptions } from "./liveroll_options.ts";
export type { Behaviour } from "./toy.ts";

/** How long a liveroll may take to end when a test is over. */
const END_MS = 30_000;

/** How a program ended. */
export type Ending = Pick<Deno.CommandStatus, "code" | "signal">;

/** The real program with the toy app, and everything a test may ask about it. */
export class Liveroll implements AsyncDisposable {
  /** May be that of others, too. */
  readonly home: Home;
  readonly log = new EventLog();
  /** How it ended. */
  readonly ended: Promise<Ending>;
  readonly #isOwnHome: boolean;
  readonly #child: Deno.ChildProcess;
  readonly #output = new AbortController();
  readonly #reading: Promise<unknown>;
  #running = true;

  /** Starts it; use {@linkcode Liveroll.serving} to wait for the first version. */
  constructor(options: LiverollOptions = {}) {
    const { home, version = home ? null : "v1", behaviour, app = "deno", flags = {} } = options;
    clearAbandoned();
    this.#isOwnHome = home === undefined;
    this.home = home ?? new Home();
    if (version !== null) this.workspace.publish(version, behaviour);
    const all = { ...this.#flags(app), ...flags };
    const command = programCommand(all, options.program, options.verb);
    this.#child = this.#spawn(launched(command, options.launcher), options.env);
    this.ended = this.#child.status.then(({ code, signal }) => {
      this.#running = false;
      return { code, signal };
    });
    this.#reading = Promise.all(
      [this.#child.stderr, this.#child.stdout].map((stream) =>
        this.log.follow(stream, this.#output.signal)
      ),
    );
  }

  /** Starts it and waits until the first version serves. */
  static async serving(options: LiverollOptions = {}): Promise<Liveroll> {
    const liveroll = new Liveroll(options);
    try {
      await liveroll.waitFor("roll.succeeded");
      return liveroll;
    } catch (error) {
      await liveroll[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The public port. */
  get port(): number {
    return this.home.port;
  }

  get childPorts(): readonly [number, number] {
    return this.home.childPorts;
  }

  /** A port that belongs to this test, for whatever it likes. */
  get sparePort(): number {
    return this.home.sparePort;
  }

  get workspace(): ToyWorkspace {
    return this.home.workspace;
  }

  /** The process id of liveroll itself. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Publishes a version; nobody is told. */
  publish(version: string, behaviour: Behaviour = {}): void {
    this.workspace.publish(version, behaviour);
  }

  /** Publishes a version and asks for an update; @returns a mark from before. */
  offer(version: string, behaviour: Behaviour = {}): number {
    const since = this.log.mark();
    this.publish(version, behaviour);
    this.signal("SIGHUP");
    return since;
  }

  /**
   * Waits until it looks after what served already, and its first check is over: that one would
   * find what a test publishes next, and the check that the test asks for would bring it once more.
   */
  async takesUp(since = 0): Promise<void> {
    await this.waitFor("instance.adopted", {}, since);
    await this.waitFor("check.unchanged", {}, since);
  }

  /** Rolls to a version and waits until it serves. */
  async roll(version: string, behaviour: Behaviour = {}): Promise<EventOf<"roll.succeeded">> {
    const since = this.offer(version, behaviour);
    return await this.waitFor("roll.succeeded", { id: version }, since);
  }

  /** Rolls to a version, and waits until the previous one has left. */
  async rollAndRetire(version: string, behaviour: Behaviour = {}): Promise<void> {
    const since = this.log.mark();
    const { roll } = await this.roll(version, behaviour);
    const previous = this.#servedBefore(roll);
    await this.waitFor("instance.stopped", ({ instance }) => instance.key === previous, since);
  }

  /** Forces an update to the version that serves, and waits until its old copy has left. */
  async rollAndRetireSame(): Promise<void> {
    const since = this.log.mark();
    this.signal("SIGHUP");
    const { instance } = await this.waitFor("roll.switched", {}, since);
    await this.waitFor("instance.stopped", (gone) => gone.instance.key !== instance.key, since);
  }

  /** Ends at once what has declared that it wants to live on by itself. */
  endStrangers(): void {
    for (const { pid, env } of this.descendants()) {
      if (env.TOY_STRANGER !== undefined) signal(pid, "SIGKILL");
    }
  }

  /** Sends a signal to liveroll only. */
  signal(name: Deno.Signal): void {
    signal(this.pid, name);
  }

  /** The first event of a type after `since` that matches; waits for it if need be. */
  async waitFor<T extends EventType>(
    type: T,
    match: Match<T> = {},
    since = 0,
  ): Promise<EventOf<T>> {
    const what = `${type} ${typeof match === "function" ? match : JSON.stringify(match)}`;
    const line = await this.log.waitForLine(
      what,
      (line) => asEvent(line, type, match) !== null,
      { since },
    );
    return asEvent(line, type, match)!;
  }

  /** The first line after `since` that contains `text`; waits for it if need be. */
  waitForText(text: string, since = 0): Promise<LogLine> {
    return this.log.waitForLine(JSON.stringify(text), (line) => line.text.includes(text), {
      since,
    });
  }

  /** All events of a type so far. */
  events<T extends EventType>(type: T, match: Match<T> = {}, since = 0): EventOf<T>[] {
    return this.log.events(type, match, since);
  }

  /** One request through the proxy, on a connection of its own. */
  ask(path = "/", options: Ask = {}): Promise<Answer> {
    return ask(this.port, path, options);
  }

  /** Everything that this liveroll started and that lives, itself not included. */
  descendants(): ProcessInfo[] {
    return this.home.processes().filter(({ pid }) => pid !== this.pid);
  }

  /** The living copies of the application, by the token of their instance. */
  children(): Map<string, ProcessInfo[]> {
    return this.home.children();
  }

  /** Asks it to end and waits. */
  async stop(name: Deno.Signal = "SIGTERM"): Promise<Ending> {
    this.signal(name);
    return await this.end();
  }

  /** Resolves when everything that it wrote has been read; after its end. */
  get finished(): Promise<unknown> {
    return this.#reading;
  }

  /** Resolves when nobody accepts connections on the proxy's port any more. */
  async waitUntilClosed(): Promise<void> {
    const deadline = performance.now() + END_MS;
    while (performance.now() < deadline) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
      } catch {
        return;
      }
    }
    throw new Error(`Cannot see port ${this.port} closed`);
  }

  /** Waits for its end. @throws {Error} With the log, when it takes too long. */
  async end(): Promise<Ending> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), END_MS);
    const ending = await Promise.race([this.ended, promise]);
    clearTimeout(timer);
    if (ending === null) throw new Error(`Cannot see the end of liveroll:\n${this.log.last()}`);
    return ending;
  }

  /** Fails when anything that liveroll started is left. */
  assertNoOrphans(): void {
    assertEquals(describe(this.#orphans()), []);
  }

  /** Ends it if need be, cleans up, and fails when it left an orphan. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#running) await this.stop();
      this.assertNoOrphans();
    } finally {
      await this.#cleanUp();
    }
  }

  async #cleanUp(): Promise<void> {
    if (this.#running) signal(this.pid, "SIGKILL");
    for (const { pid } of this.descendants()) signal(pid, "SIGKILL");
    await this.ended;
    this.#output.abort();
    await this.#reading;
    if (this.#isOwnHome) this.home[Symbol.dispose]();
  }

  /** The key of the instance that served until `roll` switched to another one. */
  #servedBefore(roll: number): string | undefined {
    const fronts = this.log.lines
      .map((line) => asEvent(line, "roll.switched", {}) ?? asEvent(line, "instance.adopted", {}))
      .filter((event) => event !== null);
    const at = fronts.findIndex((event) => event.type === "roll.switched" && event.roll === roll);
    return fronts[at - 1]?.instance.key;
  }

  /** What declared that it wants to live on by itself is no orphan. */
  #orphans(): ProcessInfo[] {
    return this.descendants().filter(({ env }) => env.TOY_STRANGER === undefined);
  }

  #flags(app: ToyLanguage): Record<string, string> {
    const { port, childPorts: [first, second] } = this;
    const ports = { port: `${port}`, "child-port1": `${first}`, "child-port2": `${second}` };
    const own = { ...ports, "state-dir": this.home.stateDir };
    return { ...DEFAULT_FLAGS, ...own, id: this.workspace.idCommand, exec: TOY_COMMANDS[app] };
  }

  #spawn({ command, args }: CommandLine, env = {}): Deno.ChildProcess {
    return new Deno.Command(command, {
      args,
      env: { ...this.home.env, ...env },
      cwd: this.workspace.dir,
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }
}

type CommandLine = ReturnType<typeof programCommand>;

function launched(line: CommandLine, launcher: readonly string[] = []): CommandLine {
  const [command, ...args] = [...launcher, line.command, ...line.args];
  return { command: command!, args };
}

/** Runs `test` with a liveroll that serves; when it fails, the log is shown. */
export async function withLiveroll(
  options: LiverollOptions,
  test: (liveroll: Liveroll) => Promise<void>,
): Promise<void> {
  const all: Liveroll[] = [];
  await showingLogs(() => all, async () => {
    await using liveroll = await Liveroll.serving(options);
    all.push(liveroll);
    await test(liveroll);
  });
}

/** As {@linkcode withLiveroll}, but does not wait for a version to serve. */
export async function withStarting(
  options: LiverollOptions,
  test: (liveroll: Liveroll) => Promise<void>,
): Promise<void> {
  const all: Liveroll[] = [];
  await showingLogs(() => all, async () => {
    await using liveroll = new Liveroll(options);
    all.push(liveroll);
    await test(liveroll);
  });
}

function describe(processes: readonly ProcessInfo[]): string[] {
  return processes.filter(({ pid }) => inspect(pid) !== null)
    .map(({ pid, parent, group, command }) => `${pid} (${parent}, ${group}) ${command}`);
}

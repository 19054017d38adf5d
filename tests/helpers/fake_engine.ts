import { abortable } from "@std/async/abortable";
import type { ContainerInfo } from "../../src/container/engine/container_info.ts";
import type { CreateBody } from "../../src/container/engine/create_body.ts";
import type { Engine } from "../../src/container/engine/engine.ts";
import { EngineError, EngineUnreachableError } from "../../src/container/engine/engine_error.ts";
import type { EngineEvent } from "../../src/container/engine/events.ts";
import type { LogLine, LogOptions } from "../../src/container/engine/logs.ts";
import { type Clock, systemClock } from "../../src/platform/clock.ts";
import { FakeContainer } from "./fake_container.ts";
import { FakeImages } from "./fake_images.ts";

/** An engine in memory: containers with states, events, output, restarts; it can go away. */
export class FakeEngine {
  readonly containers = new Map<string, FakeContainer>();
  readonly images = new FakeImages();
  /** What it was asked, in order: `create web-1`, `start web-1`. */
  readonly asked: string[] = [];
  readonly clock: Clock;
  /** Called before a call is answered; what it throws is the answer. */
  before: (call: string, container: FakeContainer | null) => void | Promise<void> = () => {};
  /** Called when a call has been done, before its answer is heard. */
  after: (call: string, container: FakeContainer | null) => void | Promise<void> = () => {};
  /** What a container does when it is started. */
  onStart: (container: FakeContainer) => void = () => {};
  isAway = false;
  /** Podman before 5 cannot change it. */
  setsRestartPolicy = true;
  readonly #events: EngineEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #numbers = 0;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  /** As those who use it see it. */
  get engine(): Engine {
    const containers = {
      create: (name: string, body: CreateBody, signal: AbortSignal) =>
        abortable(this.#create(name, body), signal),
      start: (id: string, signal: AbortSignal) =>
        abortable(this.#do("start", id, (one) => one.start()), signal),
      stop: (id: string, timeoutMs: number) => this.#do("stop", id, (one) => one.stop(timeoutMs)),
      kill: (id: string, name: string) => this.#do(`kill ${name}`, id, (one) => one.end(137)),
      remove: (id: string) => this.#remove(id),
      inspect: (id: string, signal: AbortSignal) =>
        abortable(this.#do("inspect", id, (one) => one.info()), signal),
      find: (id: string) => this.#find(id),
      wait: (id: string) => this.#do("wait", id, (one) => one.ended()),
      list: (labels: readonly string[], signal: AbortSignal) =>
        abortable(this.#list(labels), signal),
      setRestartPolicy: (id: string, policy: string) =>
        this.#do(`policy ${policy}`, id, (one) => {
          if (this.setsRestartPolicy) one.restartPolicy = policy;
          return this.setsRestartPolicy;
        }),
      run: (id: string) => this.#do("run", id, () => ({ code: 0, lastLine: "" })),
      logs: (id: string, options: LogOptions, signal: AbortSignal) =>
        this.#logs(id, options, signal),
    };
    const engine = {
      containers,
      images: this.images,
      events: (filter: { since?: number; labels: readonly string[] }, signal: AbortSignal) =>
        this.#stream(filter, signal),
      ping: () => this.#call("ping", null),
      [Symbol.dispose]() {},
    };
    return engine as unknown as Engine;
  }

  /** The only one with a name that begins so. */
  one(name: string): FakeContainer {
    const found = [...this.containers.values()].filter((one) => one.name.startsWith(name));
    if (found.length !== 1) throw new Error(`${found.length} containers are named ${name}…`);
    return found[0]!;
  }

  /** In the order of their making. */
  get all(): readonly FakeContainer[] {
    return [...this.containers.values()];
  }

  get names(): readonly string[] {
    return this.all.map(({ name }) => name);
  }

  /** Puts one there, as a former life has left it. */
  put(name: string, body: CreateBody): FakeContainer {
    const id = `${(++this.#numbers).toString(16).padStart(6, "0")}${"f".repeat(58)}`;
    const one = new FakeContainer(id, name, body, this);
    this.containers.set(id, one);
    return one;
  }

  /** Nothing is answered any more, and every stream breaks. Containers go on. */
  goAway(): void {
    this.isAway = true;
    this.wake();
  }

  comeBack(): void {
    this.isAway = false;
  }

  /** Something happened to a container. */
  tell(container: FakeContainer, action: EngineEvent["action"], more: Partial<EngineEvent> = {}) {
    const { id, name, labels: attributes } = container;
    const at = this.clock.now();
    this.#events.push({
      ...{ action, id, name, attributes, at, exitCode: null, health: null },
      ...more,
    });
    this.wake();
  }

  /** Whoever waits for news looks again. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves with the next news. @throws The reason of `signal`. */
  news(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const over = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", abort);
      };
      const wake = () => (over(), resolve());
      const abort = () => (over(), reject(signal.reason));
      this.#waiting.add(wake);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  async #call(call: string, container: FakeContainer | null): Promise<void> {
    this.asked.push(container === null ? call : `${call} ${container.name}`);
    this.#throwIfAway();
    await this.before(call, container);
    this.#throwIfAway();
  }

  async #do<T>(call: string, id: string, deed: (one: FakeContainer) => T | Promise<T>): Promise<T> {
    const one = this.#byId(id);
    await this.#call(call, one);
    const done = await deed(one);
    await this.after(call, one);
    this.#throwIfAway();
    return done;
  }

  async #create(name: string, body: CreateBody) {
    await this.#call(`create ${name}`, null);
    if (this.names.includes(name)) {
      throw new EngineError(`create container ${name}`, "conflict", "the name is taken", 409);
    }
    const one = this.put(name, body);
    this.tell(one, "created");
    await this.after("create", one);
    this.#throwIfAway();
    return { id: one.id, warnings: [] };
  }

  async #remove(id: string): Promise<void> {
    const one = this.containers.get(id) ?? this.all.find(({ name }) => name === id);
    await this.#call("remove", one ?? null);
    if (one === undefined) return;
    one.end(137, { byHand: true });
    this.containers.delete(one.id);
    this.tell(one, "removed");
  }

  async #find(id: string): Promise<ContainerInfo | null> {
    const one = this.containers.get(id) ?? this.all.find(({ name }) => name === id) ?? null;
    await this.#call("inspect", one);
    const info = one?.info() ?? null;
    await this.after("inspect", one);
    return info;
  }

  async #list(labels: readonly string[]) {
    await this.#call("list", null);
    return this.all.filter((one) => one.hasAll(labels)).map((one) => one.summary()).toReversed();
  }

  async *#stream(
    { since, labels }: { since?: number; labels: readonly string[] },
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    await this.#call("events", null);
    for (let next = 0;;) {
      this.#throwIfAway();
      const event = this.#events[next++];
      if (event === undefined) next = await this.#more(next, signal);
      else if (event.at >= (since ?? 0) && matches(event, labels)) yield event;
    }
  }

  async *#logs(id: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
    const one = this.#byId(id);
    await this.#call(options.follow ? "follow" : "logs", one);
    if (!options.follow) return yield* one.lines.slice(-(options.tail ?? Infinity)).map(toLine);
    const { starts } = one;
    const since = options.since ?? -Infinity;
    for (let next = options.tail === 0 ? one.lines.length : 0;;) {
      this.#throwIfAway();
      const line = one.lines[next++];
      if (line !== undefined && line.at >= since && !line.isCut) yield toLine(line);
      else if (line === undefined && (!one.isRunning || one.starts !== starts)) return;
      else if (line === undefined) next = await this.#more(next, signal);
    }
  }

  async #more(next: number, signal: AbortSignal): Promise<number> {
    await this.news(signal);
    return next - 1;
  }

  #byId(id: string): FakeContainer {
    const one = this.containers.get(id);
    if (one !== undefined) return one;
    throw new EngineError(`look at container ${id}`, "not_found", "no such container", 404);
  }

  #throwIfAway(): void {
    if (this.isAway) throw new EngineUnreachableError("the engine is away", "broken");
  }
}

function toLine({ text }: { text: string }): LogLine {
  return { text, stream: "stdout" };
}

function matches({ attributes }: EngineEvent, labels: readonly string[]): boolean {
  return labels.every((label) => {
    const [key = "", value] = label.split(/=(.*)/s);
    return attributes[key] === value;
  });
}

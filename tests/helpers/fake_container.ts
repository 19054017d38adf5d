import type { ContainerEnd, ContainerInfo } from "../../src/container/engine/container_info.ts";
import type { ContainerSummary } from "../../src/container/engine/containers.ts";
import type { CreateBody } from "../../src/container/engine/create_body.ts";
import type { FakeEngine } from "./fake_engine.ts";

/** A container of a {@linkcode FakeEngine}. */
export class FakeContainer {
  readonly lines: { text: string; at: number; isCut: boolean }[] = [];
  restartPolicy: string;
  state: ContainerInfo["state"] = "created";
  health: ContainerInfo["health"] = "none";
  /** Ends by itself when it is asked to; else it is killed. */
  isPolite = true;
  starts = 0;
  /** The engine starts it again, after so long. */
  restartMs = 100;
  #port = 0;
  #end: ContainerEnd | null = null;
  #startedAt: number | null = null;
  readonly #engine: FakeEngine;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly body: CreateBody,
    engine: FakeEngine,
  ) {
    this.#engine = engine;
    this.restartPolicy = body.HostConfig?.RestartPolicy?.Name ?? "no";
  }

  get labels(): Readonly<Record<string, string>> {
    return this.body.Labels ?? {};
  }

  get isRunning(): boolean {
    return this.state === "running";
  }

  /** On the host; another one after each start. */
  get port(): number {
    return this.#port;
  }

  start(): void {
    if (this.isRunning) return;
    this.state = "running";
    this.#port = 20_000 + Number.parseInt(this.id.slice(0, 6), 16) * 100 + ++this.starts;
    this.#startedAt = this.#engine.clock.now();
    this.#engine.tell(this, "started");
    this.#engine.onStart(this);
  }

  /** @param isCut It has no end, and whoever follows does not hear it. */
  print(text: string, { isCut = false } = {}): void {
    this.lines.push({ text, at: this.#engine.clock.now(), isCut });
    this.#engine.wake();
  }

  /** It ends by itself, or by the hand of somebody. */
  end(code: number, { isOutOfMemory = false, byHand = false } = {}): void {
    if (!this.isRunning) return;
    const { clock } = this.#engine;
    const comesBack = this.restartPolicy !== "no" && !byHand;
    this.state = comesBack ? "restarting" : "exited";
    this.#end = { code, isOutOfMemory, error: "", at: clock.now() };
    if (isOutOfMemory) this.#engine.tell(this, "out_of_memory");
    this.#engine.tell(this, "died", { exitCode: code });
    if (!comesBack) return;
    clock.sleep(this.restartMs).then(() => this.state === "restarting" && this.start());
  }

  async stop(timeoutMs: number): Promise<void> {
    if (!this.isPolite) await this.#engine.clock.sleep(Math.ceil(timeoutMs / 1000) * 1000);
    this.end(this.isPolite ? 0 : 137, { byHand: true });
  }

  /** Resolves when it has ended. */
  async ended(): Promise<ContainerEnd> {
    const never = new AbortController().signal;
    while (this.isRunning || this.#end === null) await this.#engine.news(never);
    return this.#end;
  }

  hasAll(labels: readonly string[]): boolean {
    return labels.every((label) => {
      const [key = "", value] = label.split(/=(.*)/s);
      return this.labels[key] === value;
    });
  }

  summary(): ContainerSummary {
    const { id, name, state, labels, body: { Image: image } } = this;
    return { id, name, state, labels, image, imageId: image, createdAt: 0 };
  }

  info(): ContainerInfo {
    const containers = Object.keys(this.body.HostConfig?.PortBindings ?? {});
    const published = containers.map((container) => ({
      container,
      hostIp: "127.0.0.1",
      hostPort: this.#port,
    }));
    const { body: { Image: image }, isRunning } = this;
    return {
      ...{ id: this.id, name: this.name, image, imageId: image, labels: this.labels },
      state: this.state,
      pid: isRunning ? 1_000 + this.#port : 0,
      health: this.health,
      healthOutput: null,
      end: isRunning ? null : this.#end,
      restarts: Math.max(0, this.starts - 1),
      restartPolicy: this.restartPolicy,
      createdAt: 0,
      startedAt: this.#startedAt,
      ports: isRunning ? published : [],
      mounts: [],
      networks: {},
      isTty: false,
    };
  }
}

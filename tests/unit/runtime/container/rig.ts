import { describe } from "../../../../src/roll/describe.ts";
import type { ContainerEvent } from "../../../../src/runtime/container/container_news.ts";
import { parseReference } from "../../../../src/image/image_reference.ts";
import type { ProbeResult, Search } from "../../../../src/roll/effects.ts";
import type { ContainerInstance } from "../../../../src/runtime/container/container_instance.ts";
import {
  ContainerRuntime,
  type ContainerRuntimeOptions,
} from "../../../../src/runtime/container/container_runtime.ts";
import { type ImageShelf, KnownImages } from "../../../../src/runtime/container/known_images.ts";
import { LABELS } from "../../../../src/runtime/container/labels.ts";
import { RunMaker } from "../../../../src/runtime/container/run_maker.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import { SimClock } from "../../../simulation/sim_clock.ts";

export const DIGEST = `sha256:${"a".repeat(64)}`;
export const VERSION = `1.2.3@${DIGEST}`;
export const OWNER = { app: "web", tokenPrefix: "0123456789abcdef-" };
export const IDENTITY = {
  key: "i7",
  id: VERSION,
  port: 0,
  token: `${OWNER.tokenPrefix}abc-secret`,
};

/** Looks until it knows. */
export const PATIENT: Search = {
  signal: new AbortController().signal,
  onWait: () => {},
};

const ON_8080: ImageShelf = { exposedPorts: () => Promise.resolve(["8080/tcp"]) };

/** How the containers of a rig are. */
export interface RigOptions extends Partial<Omit<ContainerRuntimeOptions, "maker">> {
  readonly replicas?: number;
  /** What the engine knows of images. @default {All listen on 8080} */
  readonly shelf?: ImageShelf;
  /** `--container-port`. @default {null} */
  readonly port?: number;
}

/** A runtime over an engine in memory, in virtual time. */
export class Rig implements AsyncDisposable {
  readonly clock = new SimClock();
  readonly fake = new FakeEngine(this.clock);
  readonly runtime: ContainerRuntime;
  /** What was logged, as a whole, and what was told to everybody. */
  readonly told: string[] = [];
  /** What was told to everybody. */
  readonly events: ContainerEvent[] = [];
  /** What containers printed, as it was handed on. */
  readonly lines: string[] = [];
  readonly notWell = new Set<number>();
  /** Nobody gets through to ports of containers. */
  isCutOff = false;
  readonly probe: ReturnType<ContainerRuntime["useProbe"]>;

  constructor({ replicas = 1, shelf = ON_8080, port, ...options }: RigOptions = {}) {
    const note = (message: string) => void this.told.push(message);
    const log = { debug: note, info: note, warn: note, error: note };
    const { engine } = this.fake;
    const images = new KnownImages(shelf, parseReference("reg.example/web"), port ?? null);
    const made = { engine, owner: OWNER, body: { Env: ["A=1"] }, baseName: "web", images, log };
    this.runtime = new ContainerRuntime({
      engine,
      owner: OWNER,
      maker: new RunMaker({ ...made, replicas }),
      firstPart: null,
      staysOnStop: true,
      stopTimeoutMs: 10_000,
      minHealthyMs: 0,
      healthProbeTimeoutMs: 60_000,
      livenessThreshold: 3,
      clock: this.clock,
      date: () => this.clock.now(),
      log,
      childLog: { ...log, info: () => {} },
      redact: (line) => line.replaceAll("hunter2", "***"),
      onLine: (line) => void this.lines.push(line),
      reach: () =>
        Promise.resolve(this.isCutOff ? { healthy: false, detail: "refused" } : { healthy: true }),
      ...options,
    });
    this.runtime.onEvent = (event) => {
      this.events.push(event);
      note(describe(event).message);
    };
    this.probe = this.runtime.useProbe(({ port }) => Promise.resolve(this.#probeOne(port)));
  }

  /** Whom the engine has started, by their places. */
  get places(): readonly string[] {
    return this.fake.all.map(({ name, state }) => `${name.split("-")[2]} ${state}`).toSorted();
  }

  async start(): Promise<ContainerInstance> {
    return await this.runtime.start(IDENTITY) as ContainerInstance;
  }

  /** One that serves. */
  async serving(): Promise<ContainerInstance> {
    const instance = await this.start();
    this.commit(instance);
    await this.settle();
    return instance;
  }

  commit(instance: ContainerInstance, type = "roll.switched" as const): void {
    const ref = { key: instance.key } as never;
    this.runtime.observe({ type, instance: ref } as never);
  }

  /** As a former life has left it in the place `number`. */
  leftover(number: number, { token = IDENTITY.token, runs = true, role = "replica" } = {}) {
    const one = this.fake.put(`web-i7-${number}-${token.slice(-6)}`, {
      Image: VERSION,
      Labels: {
        [LABELS.app]: OWNER.app,
        [LABELS.state]: OWNER.tokenPrefix,
        [LABELS.token]: token,
        [LABELS.role]: role,
        [LABELS.version]: VERSION,
        [LABELS.replica]: String(number),
      },
      HostConfig: { PortBindings: { "8080/tcp": [] } },
    });
    if (runs) one.start();
    return one;
  }

  async find(more: Partial<Search> = {}): Promise<ContainerInstance | null> {
    const search = { ...PATIENT, ...more };
    return await this.runtime.find({ ...IDENTITY } as never, search) as ContainerInstance | null;
  }

  /** Somebody removes a container by force. */
  async engineRemoves(id: string): Promise<void> {
    await this.fake.engine.containers.remove(id, new AbortController().signal);
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (await this.clock.step(until));
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await this.clock.settle();
  }

  /** Lets time pass until `work` is done. */
  async done<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    work.then(() => isDone = true, () => isDone = true);
    for (let steps = 0; !isDone && steps < 1_000; steps++) await this.pass(250);
    return await work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.fake.comeBack();
    this.fake.before = () => {};
    this.fake.after = () => {};
    await this.done(this.runtime.stopAll());
    await this.done(this.runtime[Symbol.asyncDispose]());
  }

  #probeOne(port: number): ProbeResult {
    const one = this.fake.all.find((container) => container.port === port);
    const isWell = one !== undefined && !this.notWell.has(this.fake.all.indexOf(one));
    return isWell ? { healthy: true } : { healthy: false, detail: "it says 503" };
  }
}

/** Where an instance answers now. */
export function ports(instance: ContainerInstance): readonly number[] {
  return instance.now.map(({ port }) => port).toSorted((a, b) => a - b);
}

import type { ContainerInfo } from "../../container/engine/container_info.ts";
import type { ContainerSummary } from "../../container/engine/containers.ts";
import type { CreateBody } from "../../container/engine/create_body.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { EngineError } from "../../container/engine/engine_error.ts";
import type { Log } from "../../platform/log.ts";
import type { Identity } from "../process_instance.ts";
import type { KnownImages } from "./known_images.ts";
import { LABELS, labelsOf, type Owner } from "./labels.ts";
import type { Maker, Place } from "./maker.ts";
import { hostPort, LOOPBACK } from "./replica.ts";

/** What containers are made of. */
export interface RunMakerOptions {
  readonly engine: Pick<Engine, "containers">;
  readonly owner: Owner;
  /** What the operator wants of every container. */
  readonly body: Omit<CreateBody, "Image">;
  /** Their names begin with it. */
  readonly baseName: string;
  readonly images: KnownImages;
  /** Containers of an instance. */
  readonly replicas: number;
  readonly log: Log;
}

/** Makes containers as `docker run` does. */
export class RunMaker implements Maker {
  readonly setsRestartPolicy = true;
  readonly count: number;
  readonly #options: RunMakerOptions;

  constructor(options: RunMakerOptions) {
    this.#options = options;
    this.count = options.replicas;
  }

  async prepare(id: string, signal: AbortSignal): Promise<void> {
    await this.#options.images.lookAt(id, signal);
  }

  async recognize(
    id: string,
    [first]: readonly ContainerSummary[],
    signal: AbortSignal,
  ): Promise<void> {
    if (first !== undefined) await this.#options.images.lookAtFound(id, first.imageId, signal);
  }

  async create(identity: Identity, number: number, signal: AbortSignal): Promise<string> {
    const { engine, body, baseName, images, owner } = this.#options;
    const { key, token, id } = identity;
    await images.lookAt(id, signal);
    const port = `${images.portOf(id)}/tcp`;
    const isOnHost = body.HostConfig?.NetworkMode === "host";
    const bindings = { [port]: [{ HostIp: LOOPBACK, HostPort: "" }] };
    const name = `${baseName}-${key}-${number}-${token.slice(-6)}`;
    const whole = {
      ...body,
      Image: images.reference(id),
      Labels: { ...body.Labels, ...labelsOf(owner, identity, "replica", number) },
      ExposedPorts: { ...body.ExposedPorts, [port]: {} },
      HostConfig: {
        ...body.HostConfig,
        RestartPolicy: { Name: "no" },
        ...(!isOnHost && { PortBindings: bindings }),
      },
    };
    const create = () => engine.containers.create(name, whole, signal);
    const created = await create().catch(async (error) => {
      if (!(error instanceof EngineError && error.kind === "conflict")) throw error;
      await this.#removeGhost(name, token, signal);
      return await create();
    });
    for (const warning of created.warnings) this.#options.log.warn(warning);
    return created.id;
  }

  async start(containerId: string, signal: AbortSignal): Promise<void> {
    await this.#options.engine.containers.start(containerId, signal);
  }

  async remove(containerId: string, signal: AbortSignal): Promise<void> {
    await this.#options.engine.containers.remove(containerId, signal);
  }

  places(found: readonly ContainerSummary[]): readonly Place[] {
    return found.map(({ id, labels }) => ({ id, number: Number(labels[LABELS.replica] ?? 0) }));
  }

  hostPort(info: ContainerInfo, id: string): number {
    return hostPort(info, this.#options.images.portIn(info, id));
  }

  /** One that was made when the engine could not tell us any more has the name, and is in the way. */
  async #removeGhost(name: string, token: string, signal: AbortSignal): Promise<void> {
    const { containers } = this.#options.engine;
    // Not looked at closely: the engine may not be able to do so.
    const ours = await containers.list([`${LABELS.token}=${token}`], signal);
    const ghost = ours.find((one) => one.name === name);
    if (ghost !== undefined) await containers.remove(ghost.id, signal);
  }
}

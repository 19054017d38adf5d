import type { Overrides } from "../../compose/override.ts";
import type { ComposeProgram } from "../../compose/program/compose_program.ts";
import type { ComposeStack } from "../../compose/program/stack.ts";
import type { Revision } from "../../compose/revision.ts";
import type { StackPlan } from "../../compose/stack_plan.ts";
import type { ContainerInfo } from "../../container/engine/container_info.ts";
import type { ContainerSummary } from "../../container/engine/containers.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { isNotFound } from "../../container/engine/engine_error.ts";
import type { Log } from "../../platform/log.ts";
import { OutageError } from "../../roll/effects.ts";
import type { KnownImages } from "../container/known_images.ts";
import { LABELS } from "../container/labels.ts";
import type { Maker, Place } from "../container/maker.ts";
import { hostPort } from "../container/replica.ts";
import type { Identity } from "../process_instance.ts";
import type { ImagePin } from "./image_pin.ts";
import type { NetworkGuard } from "./network_guard.ts";
import { COMPOSE_LABELS, placeAll, placesOf, serviceOf } from "./places.ts";
import type { StackRevisions } from "./stack_revisions.ts";

/** Time for one call to the engine. */
const CALL_MS = 30_000;

/** How the containers of services are made. */
export interface ComposeMakerOptions {
  readonly engine: Pick<Engine, "containers" | "images">;
  readonly compose: Pick<ComposeProgram, "up">;
  readonly plan: StackPlan;
  readonly overrides: Overrides;
  readonly revisions: StackRevisions;
  readonly images: KnownImages;
  /** Null: our override file names the image. */
  readonly pin: ImagePin | null;
  readonly networks: Pick<NetworkGuard, "keeping">;
  readonly stopTimeoutMs: number;
  readonly log: Log;
}

/**
 * Lets compose make the containers of services. What has to go is ended by the engine, container by
 * container: compose knows services only, and would take away the wrong ones.
 */
export class ComposeMaker implements Maker {
  /** That is what the operator's file is for. */
  readonly setsRestartPolicy = false;
  readonly #options: ComposeMakerOptions;
  /** The service of each place. */
  readonly #places: readonly string[];
  /** Who has which container: its instance and its place. */
  readonly #given = new Map<string, string>();
  /** Removals under way: an engine refuses a second one, and compose could find them half gone. */
  readonly #leaving = new Set<Promise<void>>();
  /** Compose must not work on a stack twice at the same time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ComposeMakerOptions) {
    this.#options = options;
    this.#places = placesOf(options.plan.services);
  }

  get count(): number {
    return this.#places.length;
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

  create(identity: Identity, number: number, signal: AbortSignal): Promise<string> {
    return this.#inTurn(async () => {
      signal.throwIfAborted();
      const found = await this.#take(identity, number, signal);
      if (found !== null) return found;
      await this.#up(identity, signal);
      const made = await this.#take(identity, number, signal);
      if (made !== null) return made;
      const service = this.#places[number];
      throw new Error(`compose has made fewer containers of ${service} than the file asks for`);
    });
  }

  async start(): Promise<void> {
    // Compose has done so; and a version that ended at once is not tried a second time.
  }

  async remove(containerId: string, signal: AbortSignal): Promise<void> {
    const { engine: { containers }, stopTimeoutMs, plan } = this.#options;
    if (plan.strategy === "blue-green") return await this.#takeAway(containerId, signal);
    try {
      // Compose takes volumes without a name over from it; and it may be about to start again.
      await containers.stop(containerId, stopTimeoutMs, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  places(found: readonly ContainerSummary[]): readonly Place[] {
    const placed = placeAll(this.#places, found);
    for (const { id, number } of placed) {
      const token = found.find((one) => one.id === id)?.labels[LABELS.token] ?? "";
      this.#given.set(id, placeKey(token, number));
    }
    return placed;
  }

  hostPort(info: ContainerInfo, id: string): number | null {
    if (serviceOf(info) !== this.#places[0]) return null;
    return hostPort(info, this.#options.images.portIn(info, id));
  }

  serves(identity: Identity): Promise<void> {
    return this.#quietly(async () => {
      const { overrides, revisions, pin } = this.#options;
      await overrides.applied(revisions.serving(identity));
      await pin?.serves(identity.id);
    });
  }

  failed(identity: Identity): Promise<void> {
    return this.#quietly(async () => {
      const signal = AbortSignal.timeout(CALL_MS + this.#options.stopTimeoutMs);
      for (const { id } of await this.#containersOf(identity, signal)) {
        await this.remove(id, signal);
      }
      await this.#options.pin?.takeBack(identity.id);
    });
  }

  /** A container of this instance that is at this place, or at none yet; null: there is none. */
  async #take(identity: Identity, number: number, signal: AbortSignal): Promise<string | null> {
    const { engine, images } = this.#options;
    const place = placeKey(identity.token, number);
    const free = (await this.#containersOf(identity, signal)).find((one) =>
      serviceOf(one) === this.#places[number] && (this.#given.get(one.id) ?? place) === place
    );
    if (free === undefined) return null;
    const wanted = await engine.images.find(images.reference(identity.id), signal);
    if (wanted !== null && wanted.id !== free.imageId) {
      throw new Error(
        `compose has started ${free.image}, which is not ${images.reference(identity.id)}`,
      );
    }
    // Somebody had it before: it has ended, and is to come back.
    if (this.#given.has(free.id)) await engine.containers.start(free.id, signal);
    this.#given.set(free.id, place);
    return free.id;
  }

  async #up(identity: Identity, signal: AbortSignal): Promise<void> {
    const { compose, overrides, revisions, images, plan, pin, networks, stopTimeoutMs } =
      this.#options;
    await images.lookAt(identity.id, signal);
    const revision = revisions.serving(identity);
    const override = await desire(overrides, revision);
    const stack = { ...plan.stack, files: [...plan.stack.files, override] };
    await pin?.apply(identity.id, stack, signal);
    if (plan.strategy === "blue-green") return await this.#scaleOut(identity, stack, signal);
    const names = plan.services.map(({ name }) => name);
    const others = await Promise.all(names.map((name) => this.#strangers(identity, name, signal)));
    // Where all are ours one is missing: files that have changed must not replace those that serve.
    const existing = others.flat().length > 0 ? "recreate" : "keep";
    if (existing === "keep") await networks.keeping(stack, signal);
    await compose.up(stack, names, { existing, stopTimeoutMs, signal });
    await overrides.applied(revision).catch((error) => this.#notKept(error));
  }

  /** The copies of the version before stay as they are, and so many more are made. */
  async #scaleOut(identity: Identity, stack: ComposeStack, signal: AbortSignal): Promise<void> {
    const { compose, plan, networks } = this.#options;
    await networks.keeping(stack, signal);
    for (const { name, replicas } of plan.services) {
      const others = await this.#othersOf(identity, name, signal);
      const scale = { service: name, replicas: others + replicas };
      await compose.up(stack, [name], { existing: "keep", scale, signal });
      await this.#removeSurplus(identity, name, replicas, signal);
    }
  }

  /** Where one of the others has gone since they were counted, compose has put one of ours. */
  async #removeSurplus(
    identity: Identity,
    service: string,
    replicas: number,
    signal: AbortSignal,
  ): Promise<void> {
    const ours = (await this.#containersOf(identity, signal)).filter((one) =>
      serviceOf(one) === service
    );
    const takenFirst = [true, false].flatMap((isTaken) =>
      ours.filter(({ id }) => this.#given.has(id) === isTaken)
    );
    for (const { id } of takenFirst.slice(replicas)) {
      await this.#options.engine.containers.remove(id, signal);
    }
  }

  async #takeAway(containerId: string, signal: AbortSignal): Promise<void> {
    const gone = this.#options.engine.containers.remove(containerId, signal);
    const leaving = gone.catch(() => {});
    this.#leaving.add(leaving);
    try {
      await gone;
    } finally {
      this.#leaving.delete(leaving);
      this.#given.delete(containerId);
    }
  }

  /** How many containers of a service belong to others; what nobody looks after is removed. */
  async #othersOf(identity: Identity, service: string, signal: AbortSignal): Promise<number> {
    const { containers } = this.#options.engine;
    await Promise.all(this.#leaving);
    let count = 0;
    for (const { id, state } of await this.#strangers(identity, service, signal)) {
      const isLeftOver = (state === "exited" || state === "created") && !this.#given.has(id);
      // Compose would start it again.
      if (isLeftOver) await containers.remove(id, signal);
      else count++;
    }
    return count;
  }

  /** The containers of a service that do not belong to this instance. */
  async #strangers(
    { token }: Identity,
    service: string,
    signal: AbortSignal,
  ): Promise<ContainerSummary[]> {
    const { engine: { containers }, plan: { project } } = this.#options;
    const all = await containers.list([
      `${COMPOSE_LABELS.project}=${project.name}`,
      `${COMPOSE_LABELS.service}=${service}`,
      `${COMPOSE_LABELS.oneOff}=False`,
    ], signal);
    return all.filter(({ labels }) => labels[LABELS.token] !== token);
  }

  async #containersOf({ token }: Identity, signal: AbortSignal): Promise<ContainerSummary[]> {
    const labels = [`${LABELS.token}=${token}`, `${COMPOSE_LABELS.oneOff}=False`];
    return [...await this.#options.engine.containers.list(labels, signal)];
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await this.#inTurn(work);
    } catch (error) {
      this.#notKept(error);
    }
  }

  #notKept(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const event = "compose.files";
    this.#options.log.error(`The files of the stack are not up to date: ${why}`, { event });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return await turn;
  }
}

/** @throws {OutageError} When our own files cannot be written: no version is to blame. */
async function desire(overrides: Overrides, revision: Revision): Promise<string> {
  try {
    return await overrides.desire(revision);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OutageError(`the override file of the stack cannot be written: ${why}`, {
      cause: error,
    });
  }
}

function placeKey(token: string, number: number): string {
  return `${token}/${number}`;
}

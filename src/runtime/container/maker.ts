import type { ContainerInfo } from "../../container/engine/container_info.ts";
import type { ContainerSummary } from "../../container/engine/containers.ts";
import type { Identity } from "../process_instance.ts";

/** A container of an instance, and its place in it, from 0. */
export interface Place {
  readonly id: string;
  readonly number: number;
}

/** Who makes the containers of instances, and takes them away again. */
export interface Maker {
  /** Containers of a whole instance. */
  readonly count: number;
  /** When the engine starts a container again by itself is up to us. */
  readonly setsRestartPolicy: boolean;
  /** Finds out what has to be known of a version before it is started. */
  prepare(id: string, signal: AbortSignal): Promise<void>;
  /**
   * Finds out what has to be known of containers that were found again, whatever is asked of new
   * ones today.
   *
   * @throws As the engine does.
   */
  recognize(id: string, found: readonly ContainerSummary[], signal: AbortSignal): Promise<void>;
  /** Makes one container, or finds it. @returns Its id. */
  create(identity: Identity, number: number, signal: AbortSignal): Promise<string>;
  /** Starts what {@linkcode Maker.create} has made, if that does not run already. */
  start(containerId: string, signal: AbortSignal): Promise<void>;
  /** Takes a container away that is not needed any more; one that is gone is all right. */
  remove(containerId: string, signal: AbortSignal): Promise<void>;
  /** Tells the places of containers that were found again. */
  places(found: readonly ContainerSummary[]): readonly Place[];
  /**
   * The port of this host on which a container gets requests; null: it gets none.
   *
   * @throws {Error} When there should be one.
   */
  hostPort(info: ContainerInfo, id: string): number | null;
  /** An instance serves. Never rejects. */
  serves?(identity: Identity): Promise<void>;
  /** An instance has ended that never served. Never rejects. */
  failed?(identity: Identity): Promise<void>;
}

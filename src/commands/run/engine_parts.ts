import type { Effects, Probe, Source } from "../../roll/effects.ts";
import type { Updater } from "../../roll/updater.ts";
import type { FirstLook } from "../../runtime/container/first_look.ts";
import type { SharedTraffic } from "../../runtime/container/piece_by_piece.ts";
import type { AppRuntime } from "./app_runtime.ts";
import type { EventHub } from "./event_hub.ts";

/** Everything that stands behind versions that an engine runs. */
export interface EngineParts extends AsyncDisposable {
  readonly runtime: AppRuntime;
  /** To be done before a life begins. */
  readonly firstLook: FirstLook;
  readonly probe: Probe;
  /** Containers of a whole version. */
  readonly replicas: number;
  /** Why nothing may be started on the data; null: it may. */
  readonly dataProblem: string | null;
  /** What is lost with each container, and how to keep it. */
  readonly forgottenData: readonly string[];
  /** Names the newest image. */
  source(): Source;
  /**
   * The version that people mean by a tag.
   *
   * @returns Null: there is none.
   * @throws {SourceError} When nobody can be asked.
   */
  find(name: string, signal: AbortSignal): Promise<string | null>;
  /** What a roll has besides what every roll has. */
  effects(traffic: SharedTraffic): Pick<Effects, "artifacts" | "data" | "exchange" | "lookAround">;
  /** From now on containers and images follow what happens. */
  follow(hub: EventHub, updater: Updater): void;
}

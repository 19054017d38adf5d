import type { Engine } from "../../container/engine/engine.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Instance, StopOutcome } from "../../roll/instance.ts";
import type { LineOrigin, OutputStream } from "../process.ts";
import type { ContainerNews } from "./container_news.ts";
import type { ContainerInstance } from "./container_instance.ts";
import type { EngineWatch } from "./engine_watch.ts";
import type { Maker } from "./maker.ts";
import type { Replica } from "./replica.ts";

/** Who makes, ends and looks after the containers of instances. */
export interface Crew {
  readonly engine: Pick<Engine, "containers">;
  readonly watch: EngineWatch;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
  readonly log: Log;
  readonly maker: Maker;
  /** Between asking a container to end and KILL, in milliseconds. */
  readonly stopTimeoutMs: number;
  /** Aborts when nothing that is being made is waited for any more. */
  readonly killed: AbortSignal;
  /** So long after the switch no container may end. */
  readonly strictMs: number;
  /** Ends a container that runs. */
  stop(containerId: string): Promise<StopOutcome>;
  /** Whether one container answers its probe. */
  isWell(instance: ContainerInstance, replica: Replica, signal: AbortSignal): Promise<boolean>;
  /** Whether anybody listens where a container answers. */
  isReachable(replica: Replica, signal: AbortSignal): Promise<boolean>;
  /** Hears what happens to containers. */
  tell(news: ContainerNews, instance: Instance): void;
  redact(line: string): string;
  /** Hears what containers print. */
  onLine(line: string, stream: OutputStream, instance: LineOrigin): void;
}

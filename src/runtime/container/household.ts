import type { Exit } from "../../roll/instance.ts";
import type { Chores } from "./chores.ts";
import type { ContainerNews } from "./container_news.ts";
import type { ContainerOutput } from "./container_output.ts";
import type { Replica } from "./replica.ts";
import type { ReplicaSet } from "./replica_set.ts";
import type { Trouble } from "./trouble.ts";

/** Whose containers are looked after. */
export interface Household {
  readonly key: string;
  /** The version. */
  readonly id: string;
  readonly replicas: ReplicaSet;
  readonly output: ContainerOutput;
  readonly chores: Chores;
  readonly trouble: Trouble;
  /** Aborts when all is over. */
  readonly signal: AbortSignal;
  /** It has served before, and is asked whether it can go on. */
  readonly isBeingAdopted: boolean;
  /** It is being stopped, or has ended: nobody is looked after any more. */
  readonly isOver: boolean;
  /** Makes and starts a container in a place that is free. @returns It, running or not. */
  add(number: number): Promise<Replica>;
  isWell(replica: Replica): Promise<boolean>;
  /** Something happened to one of its containers that others want to know. */
  tell(news: ContainerNews): void;
  /** Ends as a whole. @param last Whose last words matter. */
  finish(exit: Exit, last: Replica | null): void;
}

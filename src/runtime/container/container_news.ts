import type { RollEvent } from "../../roll/events.ts";
import type { Instance } from "../../roll/instance.ts";
import { refer } from "../../roll/refer.ts";

/** What is told of containers. */
export type ContainerEvent = Extract<RollEvent, { type: `container${"" | "s"}.${string}` }>;

/** The same, without the instance that it happens to. */
export type ContainerNews = ContainerEvent extends infer E
  ? E extends ContainerEvent ? Omit<E, "instance"> : never
  : never;

/** News of a container of `instance`, for everybody. */
export function eventOf(news: ContainerNews, instance: Instance): ContainerEvent {
  return { ...news, instance: refer(instance) };
}

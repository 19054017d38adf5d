import type { CreateBody } from "../container/engine/create_body.ts";
import { type Place, placesOf } from "../container/shared_state.ts";

/** Something that containers of an application write to, and that outlives them. */
export interface DataPlace extends Pick<Place, "kind" | "source" | "target"> {
  /** What it is labelled with if it has to be made; null: somebody else makes it. */
  readonly labels: Readonly<Record<string, string>> | null;
}

/** Says what an application writes to. */
export interface FindPlaces {
  (signal: AbortSignal): Promise<readonly DataPlace[]>;
}

/** What containers with `body` write to. */
export function placesOfBody(body: Pick<CreateBody, "HostConfig">): readonly DataPlace[] {
  return placesOf(body)
    .filter(({ source, isWritable }) => isWritable && source !== "" && !isSocket(source))
    .map(({ kind, source, target }) => ({ kind, source, target, labels: {} }));
}

/** Sockets are written to, too, and hold no data. */
export function isSocket(path: string): boolean {
  return path.endsWith(".sock");
}

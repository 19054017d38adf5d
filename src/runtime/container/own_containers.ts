import type { ContainerSummary } from "../../container/engine/containers.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { LABELS } from "./labels.ts";

/**
 * The containers that carry `labels`, save those of somebody else: an image that was made of one of
 * ours (`docker commit`) has all its labels, and so has whatever is run from it.
 *
 * @throws As the engine does.
 */
export async function ownContainers(
  { containers, images }: Pick<Engine, "containers" | "images">,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<readonly ContainerSummary[]> {
  const found = await containers.list(labels, signal);
  const tokens = new Map<string, string | undefined>();
  for (const imageId of new Set(found.map(({ imageId }) => imageId))) {
    tokens.set(imageId, (await images.find(imageId, signal))?.config.labels[LABELS.token]);
  }
  return found.filter(({ imageId, labels }) => {
    const inherited = tokens.get(imageId);
    return inherited === undefined || inherited !== labels[LABELS.token];
  });
}

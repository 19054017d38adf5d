import type { Engine } from "../../container/engine/engine.ts";
import type { Log } from "../../platform/log.ts";
import { LABELS, type Owner } from "./labels.ts";
import { ownContainers } from "./own_containers.ts";

/**
 * Tells of containers that run for an application of the same name and belong to another state
 * directory: either there are two of that name, or another directory is used now, and nobody looks
 * after them any more. What they write to may be the data of ours.
 *
 * @param known Tokens that our journal knows.
 * @throws As the engine does.
 */
export async function tellOfStrangers(
  engine: Pick<Engine, "containers" | "images">,
  { app, tokenPrefix }: Owner,
  known: ReadonlySet<string>,
  log: Pick<Log, "warn">,
  signal: AbortSignal,
): Promise<void> {
  const found = await ownContainers(engine, [`${LABELS.app}=${app}`], signal);
  const strangers = found.filter(({ state, labels }) =>
    state === "running" && labels[LABELS.state] !== tokenPrefix &&
    !known.has(labels[LABELS.token] ?? "")
  );
  for (const { name, labels } of strangers) {
    log.warn(
      `Container ${name} runs ${
        labels[LABELS.version]
      } for an app that is called ${app}, too, and ` +
        `has another state directory; if that is not used any more, end it: docker rm --force ${name}`,
      { event: "container.stranger", container: name },
    );
  }
}

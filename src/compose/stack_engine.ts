import type { Engine } from "../container/engine/engine.ts";
import type { ContainerLabels } from "./project_record.ts";

/** What we ask the engine about a stack, beside compose. */
export class StackEngine {
  readonly #engine: Pick<Engine, "containers">;
  readonly #signal: AbortSignal;

  /** @param signal Calls everything off. */
  constructor(engine: Pick<Engine, "containers">, signal: AbortSignal) {
    this.#engine = engine;
    this.#signal = signal;
  }

  /** The labels of all containers of a project, running or not, to see whose it is. */
  async labels(project: string): Promise<ContainerLabels[]> {
    const found = await this.#list({ "com.docker.compose.project": project });
    return found.map(({ labels }) => labels);
  }

  /** Full ids of the containers that have all of these labels, running or not. */
  async findContainers(labels: Readonly<Record<string, string>>): Promise<string[]> {
    return (await this.#list(labels)).map(({ id }) => id);
  }

  #list(labels: Readonly<Record<string, string>>) {
    const wanted = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return this.#engine.containers.list(wanted, this.#signal);
  }
}

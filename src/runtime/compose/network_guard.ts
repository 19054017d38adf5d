import type { Overrides } from "../../compose/override.ts";
import type { ComposeProgram } from "../../compose/program/compose_program.ts";
import type { ComposeStack } from "../../compose/program/stack.ts";
import type { StackPlan } from "../../compose/stack_plan.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { isNotFound } from "../../container/engine/engine_error.ts";
import type { Artifacts } from "../../roll/effects.ts";
import { labelsOfService } from "./stack_places.ts";

/** Who could be cut off, and by what. */
export interface NetworkGuardOptions {
  readonly engine: Pick<Engine, "containers" | "surroundings">;
  readonly compose: Pick<ComposeProgram, "changedNetworks">;
  readonly plan: Pick<StackPlan, "stack" | "project" | "services" | "strategy">;
  readonly overrides: Pick<Overrides, "read" | "pathOf">;
}

/**
 * Sees to it that compose takes no network away from under those that serve. Version 2 makes a
 * network anew whose definition has changed: it stops the containers of the services that it brings
 * up, also those that it was told to keep, takes them out of the network, and fails all the same
 * when somebody else is in it.
 */
export class NetworkGuard {
  readonly #options: NetworkGuardOptions;

  constructor(options: NetworkGuardOptions) {
    this.#options = options;
  }

  /**
   * Before anything is done about those that serve.
   *
   * @throws {Error} When nothing could take their place.
   */
  async beforeRoll(signal: AbortSignal): Promise<void> {
    const { overrides, plan } = this.#options;
    const applied = await overrides.read("applied");
    // Nobody has served yet.
    if (applied === null) return;
    const stack = { ...plan.stack, files: [...plan.stack.files, overrides.pathOf(applied)] };
    if (plan.strategy === "blue-green") return await this.keeping(stack, signal);
    await this.#requireEmpty(stack, signal, () => this.#replaced(signal));
  }

  /**
   * Before compose makes containers beside some that have to stay.
   *
   * @throws {Error} When they would be stopped.
   */
  async keeping(stack: ComposeStack, signal: AbortSignal): Promise<void> {
    await this.#requireEmpty(stack, signal, () => Promise.resolve(new Set()));
  }

  /** @param leave Ids of containers that leave their networks anyway. */
  async #requireEmpty(
    stack: ComposeStack,
    signal: AbortSignal,
    leave: () => Promise<ReadonlySet<string>>,
  ): Promise<void> {
    for (const network of await this.#changed(stack, signal)) {
      const leaving = await leave();
      const inside = Object.entries(await this.#containersIn(network, signal))
        .flatMap(([id, name]) => leaving.has(id) ? [] : [name]);
      if (inside.length > 0) throw cannotChange(network, inside);
    }
  }

  async #changed(stack: ComposeStack, signal: AbortSignal): Promise<readonly string[]> {
    const { compose, plan: { services } } = this.#options;
    const names = services.filter(({ networkMode }) => networkMode === null)
      .map(({ name }) => name);
    return names.length === 0 ? [] : await compose.changedNetworks(stack, names, { signal });
  }

  /** Names of running containers, by their ids. */
  async #containersIn(
    name: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    try {
      return (await this.#options.engine.surroundings.network(name, signal)).containers;
    } catch (error) {
      if (isNotFound(error)) return {};
      throw error;
    }
  }

  async #replaced(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { engine: { containers }, plan } = this.#options;
    const found = await Promise.all(
      plan.services.map((service) => containers.list(labelsOfService(plan, service), signal)),
    );
    return new Set(found.flat().map(({ id }) => id));
  }
}

/** What is fetched finds its networks when it is started, or nothing is done. */
export function guarded(store: Artifacts, guard: Pick<NetworkGuard, "beforeRoll">): Artifacts {
  return {
    has: (id) => store.has(id),
    async fetch(id, signal) {
      await store.fetch(id, signal);
      await guard.beforeRoll(signal);
    },
  };
}

function cannotChange(network: string, inside: readonly string[]): Error {
  return new Error(
    `the files want the network ${network} otherwise than it is, and ${
      inside.toSorted().join(", ")
    } ` +
      "would be cut off while it is made anew; undo that change, or take the whole stack down and " +
      "up again by hand",
  );
}

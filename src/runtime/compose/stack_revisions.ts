import type { StackPlan } from "../../compose/stack_plan.ts";
import { createRevision, type Revision } from "../../compose/revision.ts";
import type { KnownImages } from "../container/known_images.ts";
import { labelsOf, type Owner, type Role } from "../container/labels.ts";
import type { Identity } from "../process_instance.ts";

/** What revisions are made of. */
export interface StackRevisionOptions {
  readonly plan: Pick<StackPlan, "services">;
  readonly owner: Owner;
  readonly images: KnownImages;
  /** The environment file names the image of what serves. */
  readonly isPinned: boolean;
}

const PREFIX = "liveroll.";

/** Tells what is different from the operator's files, for an instance. */
export class StackRevisions {
  readonly #options: StackRevisionOptions;

  constructor(options: StackRevisionOptions) {
    this.#options = options;
  }

  /** Of an instance that is to serve; its image was looked at before. */
  serving(identity: Pick<Identity, "key" | "id" | "token">): Revision {
    const { plan: { services: [first, ...others] }, images, isPinned } = this.#options;
    // In the network of the host nothing can be published.
    const open = first.networkMode === "host" ? [] : [images.portOf(identity.id)];
    return createRevision(isPinned ? {} : this.#images(identity.id), {
      ports: Object.fromEntries([
        [first.name, open],
        ...others.map(({ name }) => [name, []]),
      ]),
      labels: this.#labels(identity, "replica"),
      unpulled: this.#unpulled(),
    });
  }

  /** Of something that changes data, and ends. */
  migrating(identity: Pick<Identity, "key" | "id">): Revision {
    const labels = this.#labels({ ...identity, token: "" }, "migration");
    return createRevision(this.#images(identity.id), { labels, unpulled: this.#unpulled() });
  }

  /** Else a crash could not be healed without the registry; and a tag might stand for more by now. */
  #unpulled(): readonly string[] {
    const { services } = this.#options.plan;
    return services.filter(({ pullPolicy }) => pullPolicy !== null).map(({ name }) => name);
  }

  #images(id: string): Record<string, string> {
    const { plan: { services }, images } = this.#options;
    return Object.fromEntries(services.map(({ name }) => [name, images.reference(id)]));
  }

  #labels(identity: Pick<Identity, "key" | "id" | "token">, role: Role): Record<string, string> {
    const labels = labelsOf(this.#options.owner, identity, role, 0);
    return Object.fromEntries(
      Object.entries(labels).map(([name, value]) => [name.slice(PREFIX.length), value]),
    );
  }
}

import { assertEquals, assertRejects } from "@std/assert";
import { readModel } from "../../../../src/compose/read_model.ts";
import { createRevision } from "../../../../src/compose/revision.ts";
import type { ReplaceStrategy } from "../../../../src/compose/strategy.ts";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import {
  guarded,
  NetworkGuard,
  type NetworkGuardOptions,
} from "../../../../src/runtime/compose/network_guard.ts";

const STACK = { project: "blog", directory: "/s", files: ["/c"], envFile: null, profiles: [] };
const signal = new AbortController().signal;

/** What there is, and what the files want. */
interface Scene {
  strategy?: ReplaceStrategy;
  /** Networks that compose would make anew. */
  changed?: string[];
  /** Who is in each of them; none: the network is gone. */
  inside?: string[];
  hasServed?: boolean;
}

/** `web` and `worker` are updated; of `worker` it is told that it has no network. */
function guardOf({ strategy = "recreate", changed = ["back"], inside, hasServed = true }: Scene) {
  const asked: string[] = [];
  const { services } = readModel({
    services: { web: { image: "a" }, worker: { image: "a", network_mode: "host" } },
  }, "blog");
  const options = {
    engine: {
      containers: {
        list: (labels: readonly string[]) =>
          Promise.resolve(labels.some((one) => one.endsWith("service=web")) ? [{ id: "web" }] : []),
      },
      surroundings: {
        network: (name: string) => {
          if (inside === undefined) throw new EngineError("look", "not_found", name, 404);
          const containers = Object.fromEntries(inside.map((id) => [id, `blog-${id}-1`]));
          return Promise.resolve({ containers });
        },
      },
    },
    compose: {
      changedNetworks: ({ files }: typeof STACK, names: readonly string[]) => {
        asked.push(`${names} by ${files}`);
        return Promise.resolve(changed);
      },
    },
    plan: {
      stack: STACK,
      project: { name: "blog", origin: "option" },
      services: [...services.values()],
      strategy,
    },
    overrides: {
      read: () => Promise.resolve(hasServed ? createRevision({}) : null),
      pathOf: () => "/applied",
    },
  };
  return { guard: new NetworkGuard(options as unknown as NetworkGuardOptions), asked };
}

Deno.test("a roll is refused when others are in a network that would be made anew", async () => {
  const { guard, asked } = guardOf({ inside: ["web", "db", "cache"] });
  await assertRejects(
    () => guard.beforeRoll(signal),
    Error,
    "the files want the network back otherwise than it is, and blog-cache-1, blog-db-1 would be " +
      "cut off while it is made anew; undo that change, or take the whole stack down and up",
  );
  assertEquals(asked, ["web by /c,/applied"], "who has no network is not asked for");
});

Deno.test("who is replaced anyway may leave a network, unless others are made beside it", async () => {
  await guardOf({ inside: ["web"] }).guard.beforeRoll(signal);
  const { guard } = guardOf({ inside: ["web"], strategy: "blue-green" });
  await assertRejects(() => guard.beforeRoll(signal), Error, "blog-web-1 would be cut off");
});

Deno.test("who serves does not leave a network for a container that is made beside it", async () => {
  const { guard } = guardOf({ inside: ["web"] });
  await assertRejects(() => guard.keeping(STACK, signal), Error, "blog-web-1 would be cut off");
  for (const scene of [{ inside: [] }, {}, { changed: [], inside: ["web"] }]) {
    await guardOf(scene).guard.keeping(STACK, signal);
  }
});

Deno.test("the first roll of all asks nothing", async () => {
  const { guard, asked } = guardOf({ inside: ["db"], hasServed: false });
  await guard.beforeRoll(signal);
  assertEquals(asked, []);
});

Deno.test("a version whose networks are not to be had is not fetched", async () => {
  const fetched: string[] = [];
  const store = { has: () => false, fetch: async (id: string) => void fetched.push(await id) };
  const { guard } = guardOf({ inside: ["db"] });
  await assertRejects(() => guarded(store, guard).fetch("v1", signal), Error, "blog-db-1");
  await guarded(store, guardOf({ changed: [] }).guard).fetch("v2", signal);
  assertEquals(fetched, ["v1", "v2"]);
});

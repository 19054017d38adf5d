import { assertEquals, assertRejects } from "@std/assert";
import type { ContainerState, Mount } from "../../../src/container/engine/container_info.ts";
import { EngineError } from "../../../src/container/engine/engine_error.ts";
import { Writers, type WritersOptions } from "../../../src/data/writers.ts";

const OWNED = [["liveroll.state=x"], ["project=blog", "service=web"]];
const DATA = [{ type: "volume", name: "data" }] as const;
const ON_DATA: Mount = {
  kind: "volume",
  name: "data",
  source: "/v/data/_data",
  target: "/data",
  isWritable: true,
};

interface Given {
  id: string;
  isOurs: boolean;
  state?: ContainerState;
  isWritable?: boolean;
  /** @default {"no"} */
  restartPolicy?: string;
}

/** Containers that all have the volume. */
function setUp(given: readonly Given[], { stop }: { stop?: () => Promise<void> } = {}) {
  const all = given.map((one) => ({
    state: "running",
    isWritable: true,
    restartPolicy: "no",
    ...one,
  }));
  const stopped: string[] = [];
  const held: string[] = [];
  const containers = {
    list: (labels: readonly string[]) =>
      Promise.resolve(
        all.filter(({ isOurs }) => labels.length === 0 || isOurs)
          .map(({ id, state }) => ({ id, name: id, state })),
      ),
    find: (id: string) => {
      const { isWritable, state, restartPolicy } = all.find((one) => one.id === id)!;
      return Promise.resolve({ mounts: [{ ...ON_DATA, isWritable }], state, restartPolicy });
    },
    setRestartPolicy: (id: string, policy: string) => {
      held.push(`${id} ${policy}`);
      return Promise.resolve(true);
    },
    stop: stop ?? ((id: string) => {
      stopped.push(id);
      all.find((one) => one.id === id)!.state = "exited";
      return Promise.resolve();
    }),
  };
  const engine = { containers } as unknown as WritersOptions["engine"];
  const writers = new Writers({ engine, owned: OWNED, stopTimeoutMs: 1_000 });
  return { writers, stopped, held, all };
}

Deno.test("what an engine has brought back is ended before data is touched", async () => {
  const { writers, stopped } = setUp([
    { id: "web", isOurs: true },
    { id: "stuck", isOurs: true, state: "restarting" },
    { id: "ended", isOurs: true, state: "exited" },
    { id: "reader", isOurs: false, isWritable: false },
    { id: "stopped", isOurs: false, state: "exited" },
  ]);
  await writers.still(DATA);
  assertEquals(stopped, ["web", "stuck"]);
});

Deno.test("whoever else can write is named, and left alone", async () => {
  const { writers, stopped } = setUp([{ id: "backup", isOurs: false }]);
  await assertRejects(() => writers.still(DATA), Error, "backup runs and can write to the data");
  assertEquals(stopped, []);
});

Deno.test("who is looked for only is left alone, and the application may go on", async () => {
  const alone = setUp([{ id: "web", isOurs: true }]);
  await alone.writers.requireNoOthers(DATA);
  const { writers, stopped } = setUp([{ id: "web", isOurs: true }, { id: "db", isOurs: false }]);
  await assertRejects(() => writers.requireNoOthers(DATA), Error, "db runs and can write");
  assertEquals([...alone.stopped, ...stopped], []);
});

Deno.test("one that is gone meanwhile is in nobody's way; one that cannot be ended is", async () => {
  const gone = () => Promise.reject(new EngineError("stop", "not_found", "no such", 404));
  const { writers } = setUp([{ id: "web", isOurs: true, state: "restarting" }], { stop: gone });
  await writers.still(DATA);
  const stuck = () => Promise.reject(new EngineError("stop", "failed", "it hangs", 500));
  const other = setUp([{ id: "web", isOurs: true }], { stop: stuck });
  await assertRejects(() => other.writers.still(DATA), EngineError, "it hangs");
});

Deno.test("who is ended is not brought back by an engine that is started again", async () => {
  const { writers, stopped, held } = setUp([
    { id: "web", isOurs: true, restartPolicy: "always" },
    { id: "ended", isOurs: true, state: "exited", restartPolicy: "always" },
    { id: "other", isOurs: true },
    { id: "reader", isOurs: false, isWritable: false, restartPolicy: "always" },
  ]);
  await writers.hold();
  assertEquals([held, stopped], [["web no", "ended no"], ["web", "other"]]);
});

Deno.test("whoever came back while data was being changed is found afterwards", async () => {
  const { writers, all } = setUp([
    { id: "web", isOurs: true, restartPolicy: "always" },
    { id: "backup", isOurs: false, state: "exited" },
  ]);
  await writers.still(DATA);
  await writers.requireStill(DATA);
  all[1]!.state = "running";
  await writers.requireStill();
  await assertRejects(() => writers.requireStill(DATA), Error, "backup was started meanwhile");
  all[0]!.state = "restarting";
  await assertRejects(() => writers.requireStill(), Error, "web was started meanwhile");
  await assertRejects(() => writers.requireStill(DATA), Error, "web, backup were started");
});

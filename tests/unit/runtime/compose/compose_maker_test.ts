import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Overrides } from "../../../../src/compose/override.ts";
import type { UpOptions } from "../../../../src/compose/program/stack.ts";
import { readModel } from "../../../../src/compose/read_model.ts";
import type { StackPlan } from "../../../../src/compose/stack_plan.ts";
import type { ReplaceStrategy } from "../../../../src/compose/strategy.ts";
import type { ContainerState } from "../../../../src/container/engine/container_info.ts";
import type { ContainerSummary } from "../../../../src/container/engine/containers.ts";
import { OutageError } from "../../../../src/roll/effects.ts";
import type { ComposeMakerOptions } from "../../../../src/runtime/compose/compose_maker.ts";
import { ComposeMaker } from "../../../../src/runtime/compose/compose_maker.ts";
import { COMPOSE_LABELS } from "../../../../src/runtime/compose/places.ts";
import { StackRevisions } from "../../../../src/runtime/compose/stack_revisions.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import { LABELS } from "../../../../src/runtime/container/labels.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;
const IMAGE = { host: "ghcr.io", repository: "me/blog", tag: "2", digest: null };
const OLD = { key: "i1", id: `2@${DIGEST}`, port: 0, token: "t1" };
const NEW = { key: "i2", id: `2@${DIGEST}`, port: 0, token: "t2" };
const signal = new AbortController().signal;

/** An engine and a compose that do as they are told, and remember what that was. */
class World implements AsyncDisposable {
  readonly containers: ContainerSummary[] = [];
  readonly deeds: string[] = [];
  readonly maker: ComposeMaker;
  /** Of the override that compose was called with last. */
  services: Record<string, { labels: Record<string, string>; pull_policy?: string }> = {};
  /** Whether compose lets those alone who serve. */
  networks = () => Promise.resolve();
  /** What the engine does with a container that is to go. */
  remove = (id: string): Promise<void> => Promise.resolve(void this.deeds.push(`remove ${id}`));
  /** Engines tell them so. */
  isNewestFirst = false;
  /** How many compose makes beyond what it was asked for. */
  surplus = 0;
  /** Called when compose has done what it was asked for. */
  onUp = () => {};
  /** What compose starts. */
  imageId = "good";
  readonly #directory: TempDirectory;
  readonly #plan: StackPlan;

  /** @param scale How many containers of the first service the file asks for. */
  static async of(strategy: ReplaceStrategy, scale = 1): Promise<World> {
    const directory = new TempDirectory();
    const overrides = await Overrides.open(`${directory.path}/compose`);
    return new World(planOf(strategy, scale), directory, overrides);
  }

  private constructor(plan: StackPlan, directory: TempDirectory, overrides: Overrides) {
    this.#directory = directory;
    this.#plan = plan;
    const owner = { app: "blog", tokenPrefix: "t" };
    const images = new KnownImages({ exposedPorts: () => Promise.resolve([]) }, IMAGE, 3000);
    const revisions = new StackRevisions({ plan, owner, images, isPinned: false });
    const common = { plan, overrides, revisions, images, pin: null, stopTimeoutMs: 1_000 };
    this.maker = new ComposeMaker({
      ...common,
      engine: this.#engine() as unknown as ComposeMakerOptions["engine"],
      compose: {
        up: (stack, names, options = {}) => this.#up(stack.files.at(-1)!, names, options),
      },
      networks: { keeping: () => this.networks() },
      log: { error: (text: string) => this.deeds.push(text) } as never,
    });
  }

  /** Nothing can be written any more where override files are kept. */
  break(): void {
    Deno.removeSync(`${this.#directory.path}/compose`, { recursive: true });
  }

  add(id: string, service: string, token: string, state: ContainerState = "running"): void {
    const labels = {
      [COMPOSE_LABELS.project]: "blog",
      [COMPOSE_LABELS.service]: service,
      [COMPOSE_LABELS.oneOff]: "False",
      [LABELS.token]: token,
    };
    const { imageId } = this;
    this.containers.push({ id, name: id, imageId, image: "x", state, labels, createdAt: 0 });
  }

  #engine() {
    const has = (one: ContainerSummary, label: string) => {
      const [name = "", value] = label.split("=");
      return one.labels[name] === value;
    };
    const note = (what: string) => (id: string) =>
      Promise.resolve(void this.deeds.push(`${what} ${id}`));
    return {
      images: { find: () => Promise.resolve({ id: "good" }) },
      containers: {
        list: (labels: readonly string[]) => {
          const all = this.isNewestFirst ? this.containers.toReversed() : this.containers;
          return Promise.resolve(all.filter((one) => labels.every((text) => has(one, text))));
        },
        start: note("start"),
        stop: note("stop"),
        remove: (id: string) => this.remove(id),
      },
    };
  }

  #up(file: string, names: readonly string[], options: UpOptions): Promise<void> {
    const { scale, existing = "recreate" } = options;
    this.deeds.push(`up ${names} ${existing} ${scale?.replicas ?? ""}`.trim());
    this.services = JSON.parse(Deno.readTextFileSync(file)).services;
    for (const name of names) {
      const token = this.services[name]!.labels[LABELS.token]!;
      const { replicas = 1 } = this.#plan.services.find((one) => one.name === name) ?? {};
      for (let number = 0; number < replicas + this.surplus; number++) {
        this.add(`${name}-${token}-${this.containers.length}`, name, token);
      }
    }
    this.onUp();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#directory[Symbol.dispose]());
  }
}

function planOf(strategy: ReplaceStrategy, scale: number): StackPlan {
  const image = "ghcr.io/me/blog:2";
  const web = { image, scale, pull_policy: "always" };
  const model = readModel({ services: { web, worker: { image } } }, "blog");
  return {
    stack: { project: "blog", directory: "/srv", files: ["/c"], envFile: null, profiles: [] },
    project: { name: "blog", origin: "option" },
    model,
    services: [model.services.get("web")!, model.services.get("worker")!],
    image: IMAGE,
    strategy,
    port: 3000,
  };
}

Deno.test("compose is called once for all containers of a version", async () => {
  await using world = await World.of("recreate");
  const ids = await Promise.all([0, 1].map((number) => world.maker.create(NEW, number, signal)));
  assertEquals(ids, ["web-t2-0", "worker-t2-1"]);
  assertEquals(world.deeds, ["up web,worker keep"]);
});

Deno.test("what ran before is replaced, also when compose has come half way", async () => {
  await using world = await World.of("recreate");
  world.add("old", "worker", OLD.token);
  await world.maker.create(NEW, 0, signal);
  world.containers.splice(1);
  world.add("left", "worker", OLD.token);
  await world.maker.create(NEW, 1, signal);
  assertEquals(world.deeds, ["up web,worker recreate", "up web,worker recreate"]);
});

Deno.test("several containers of a service have a place each", async () => {
  await using world = await World.of("recreate", 2);
  assertEquals(world.maker.count, 3);
  const places = [0, 1, 2, 0];
  const ids = await Promise.all(places.map((number) => world.maker.create(NEW, number, signal)));
  assertEquals(ids, ["web-t2-0", "web-t2-1", "worker-t2-2", "web-t2-0"]);
});

Deno.test("one that has ended comes back as it is, one that is missing by compose", async () => {
  await using world = await World.of("recreate");
  const first = await world.maker.create(NEW, 0, signal);
  assertEquals(await world.maker.create(NEW, 0, signal), first);
  world.containers.splice(0, 1);
  assertEquals(await world.maker.create(NEW, 0, signal), "web-t2-1");
  // The other one serves, and may not be made anew for that.
  assertEquals(world.deeds, ["up web,worker keep", `start ${first}`, "up web,worker keep"]);
});

Deno.test("an image that the file would pull each time is taken as it is here", async () => {
  await using world = await World.of("recreate");
  await world.maker.create(NEW, 0, signal);
  const { web, worker } = world.services;
  assertEquals([web?.pull_policy, worker?.pull_policy], ["never", undefined]);
});

Deno.test("side by side, as many are added as the file asks for, and leftovers go first", async () => {
  await using world = await World.of("blue-green");
  world.add("old", "web", OLD.token);
  world.add("left", "web", "t0", "exited");
  await world.maker.create(NEW, 0, signal);
  assertEquals(world.deeds, ["remove left", "up web keep 2", "up worker keep 1"]);
});

Deno.test("what stops is known by its id: kept where it is recreated, else removed", async () => {
  for (const [strategy, deed] of [["recreate", "stop a"], ["blue-green", "remove a"]] as const) {
    await using world = await World.of(strategy);
    await world.maker.remove("a", signal);
    assertEquals(world.deeds, [deed]);
  }
});

Deno.test("nothing is left of a version that never served", async () => {
  await using world = await World.of("blue-green");
  world.add("old", "web", OLD.token);
  await world.maker.create(NEW, 0, signal);
  world.deeds.length = 0;
  await world.maker.failed(NEW);
  assertEquals(world.deeds, ["remove web-t2-1", "remove worker-t2-2"]);
});

Deno.test("another image than the one that was verified does not pass", async () => {
  await using world = await World.of("recreate");
  world.imageId = "bad";
  await assertRejects(
    () => world.maker.create(NEW, 0, signal),
    Error,
    `compose has started x, which is not ghcr.io/me/blog@${DIGEST}`,
  );
});

Deno.test("a container that compose does not make is missed", async () => {
  await using world = await World.of("recreate");
  await assertRejects(() => world.maker.create(NEW, 2, signal), Error, "fewer containers");
});

Deno.test("only the first service gets requests", async () => {
  await using world = await World.of("recreate");
  const ports = [{ container: "3000/tcp", hostIp: "127.0.0.1", hostPort: 32_000 }];
  const port = (service: string) =>
    world.maker.hostPort(
      { labels: { [COMPOSE_LABELS.service]: service }, ports, networks: {} } as never,
      NEW.id,
    );
  assertEquals([port("web"), port("worker")], [32_000, null]);
});

for (const strategy of ["recreate", "blue-green"] as const) {
  Deno.test(`${strategy}: nothing is made beside those who would lose their network`, async () => {
    await using world = await World.of(strategy);
    world.networks = () => Promise.reject(new Error("cut off"));
    await assertRejects(() => world.maker.create(NEW, 0, signal), Error, "cut off");
    assertEquals(world.deeds, []);
  });
}

Deno.test("who is replaced may lose his network", async () => {
  await using world = await World.of("recreate");
  world.networks = () => Promise.reject(new Error("cut off"));
  world.add("old", "web", OLD.token);
  await world.maker.create(NEW, 0, signal);
  assertEquals(world.deeds, ["up web,worker recreate"]);
});

Deno.test("side by side, one too many goes: an old one had left while compose was counting", async () => {
  await using world = await World.of("blue-green");
  world.add("old", "web", OLD.token);
  world.surplus = 1;
  assertEquals(await world.maker.create(NEW, 0, signal), "web-t2-1");
  assertEquals(world.deeds, [
    ...["up web keep 2", "remove web-t2-2"],
    ...["up worker keep 1", "remove worker-t2-4"],
  ]);
});

Deno.test("side by side, one that serves is never the one too many", async () => {
  await using world = await World.of("blue-green", 2);
  world.add("serves", "web", NEW.token);
  world.maker.places(world.containers);
  world.isNewestFirst = true;
  await world.maker.create(NEW, 1, signal);
  assertEquals(world.deeds, ["up web keep 2", "remove web-t2-1", "up worker keep 1"]);
});

Deno.test("side by side, what is on its way out is waited for, and not removed twice", async () => {
  await using world = await World.of("blue-green");
  world.add("old", "web", OLD.token, "exited");
  world.maker.places(world.containers);
  const engine = Promise.withResolvers<void>();
  world.remove = async (id) => {
    world.deeds.push(`remove ${id}`);
    await engine.promise;
    world.containers.splice(0, 1);
    world.deeds.push(`gone ${id}`);
  };
  const gone = world.maker.remove("old", signal);
  // Asked just before containers are counted; whoever does not wait has counted before a timer fires.
  world.networks = () => Promise.resolve(void setTimeout(engine.resolve));
  await world.maker.create(NEW, 0, signal);
  await gone;
  assertEquals(world.deeds.slice(0, 3), ["remove old", "gone old", "up web keep 1"]);
});

Deno.test("our own files that cannot be written are no fault of the version", async () => {
  await using world = await World.of("recreate");
  world.break();
  await assertRejects(() => world.maker.create(NEW, 0, signal), OutageError, "override file");
  assertEquals(world.deeds, []);
});

Deno.test("containers that are up serve, although that cannot be written down", async () => {
  await using world = await World.of("recreate");
  world.onUp = () => world.break();
  const id = await world.maker.create(NEW, 0, signal);
  assertEquals(world.containers.map((one) => one.id).includes(id), true);
  assertMatch(world.deeds.at(-1)!, /^The files of the stack are not up to date/);
});

import { assertEquals, assertRejects } from "@std/assert";
import { EngineUnreachableError } from "../../../../src/container/engine/engine_error.ts";
import { parseReference } from "../../../../src/image/image_reference.ts";
import { ArtifactError } from "../../../../src/roll/effects.ts";
import {
  ImageStore,
  type ImageStoreOptions,
} from "../../../../src/runtime/container/image_store.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import type { FakeImage } from "../../../helpers/fake_images.ts";

const NEVER = new AbortController().signal;
const LOGIN = { username: "me", password: "hunter2" };

function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

function version(letter: string): string {
  return `1.${letter}@${digest(letter)}`;
}

/** By which name an image is kept. */
function kept(letter: string): string {
  return `docker.io/liveroll-keep/web:${letter.repeat(20)}`;
}

class Scene {
  readonly fake = new FakeEngine();
  readonly told: string[] = [];
  readonly store: ImageStore;
  inUse: string[] = [];
  good: string[] = [];

  constructor(options: Partial<ImageStoreOptions> = {}) {
    const note = (message: string) => void this.told.push(message);
    const shelf = { exposedPorts: () => Promise.resolve(["80/tcp"]) };
    this.store = new ImageStore({
      engine: this.fake.engine,
      app: "Web@",
      images: new KnownImages(shelf, parseReference("reg.example/web"), null),
      login: () => Promise.resolve(LOGIN as never),
      keep: 1,
      wanted: () => this,
      log: { debug: note, info: note, warn: note, error: note },
      ...options,
    });
  }

  image(letter: string, more: Partial<FakeImage> = {}): FakeImage {
    const digests = [`reg.example/web@${digest(letter)}`];
    return { id: digest(letter), tags: [], digests, ...more };
  }

  /** On this host, and kept by us. */
  keep(letter: string, more: Partial<FakeImage> = {}): void {
    const image = this.image(letter, more);
    this.fake.images.here.push({ ...image, tags: [...image.tags, kept(letter)] });
  }

  get here(): readonly string[] {
    return this.fake.images.here.map(({ id }) => id.at(-1)!);
  }
}

Deno.test("an image is pulled by its digest, with a login, and kept under a name of ours", async () => {
  const scene = new Scene();
  const reference = `reg.example/web@${digest("a")}`;
  scene.fake.images.registry.set(reference, scene.image("a"));
  await scene.store.fetch(version("a"), NEVER);
  assertEquals(scene.fake.images.pulled, [{ reference, login: LOGIN as never }]);
  assertEquals(scene.fake.images.here[0]!.tags, [kept("a")]);
  assertEquals(scene.told, [
    `Pulling ${reference}`,
    "Pulled 25 % of 100 bytes so far",
    "Pulled 50 % of 100 bytes so far",
    "Pulled 100 % of 100 bytes so far",
  ]);
});

Deno.test("an image that is here is not pulled again, but looked for each time", async () => {
  const scene = new Scene();
  scene.keep("a");
  assertEquals(scene.store.has(), false);
  await scene.store.fetch(version("a"), NEVER);
  assertEquals(scene.fake.images.pulled, []);
});

Deno.test("an image that is only on this host is never pulled", async () => {
  const scene = new Scene();
  const local = `dev@local+${digest("a")}`;
  await assertRejects(() => scene.store.fetch(local, NEVER), ArtifactError, "not on this host");
  scene.fake.images.here.push(scene.image("a", { tags: ["docker.io/library/web:dev"] }));
  await scene.store.fetch(local, NEVER);
  assertEquals(scene.fake.images.here[0]!.tags, ["docker.io/library/web:dev", kept("a")]);
  assertEquals(scene.fake.images.pulled, []);
});

Deno.test("what cannot be had may be there next time; what may not run is bad for good", async () => {
  const bad = new ArtifactError("nobody has signed it", true);
  const scene = new Scene({ verify: () => Promise.reject(bad) });
  const fetch = () => scene.store.fetch(version("a"), NEVER);
  assertEquals((await assertRejects(fetch, ArtifactError)).isFault, false);
  const reference = `reg.example/web@${digest("a")}`;
  scene.fake.images.registry.set(reference, new EngineUnreachableError("it broke off", "broken"));
  const broken = await assertRejects(fetch, ArtifactError, "it broke off");
  assertEquals(broken.isFault, false);
  scene.fake.images.registry.set(reference, scene.image("a"));
  assertEquals((await assertRejects(fetch, ArtifactError, "nobody has signed")).isFault, true);
});

Deno.test("an image is looked at before a version is started from it", async () => {
  const seen: string[] = [];
  const scene = new Scene({ onImage: ({ id }) => void seen.push(id) });
  scene.keep("a");
  await scene.store.fetch(version("a"), NEVER);
  assertEquals(seen, [digest("a")]);
});

Deno.test("a pull that is called off says so", async () => {
  const scene = new Scene();
  const signal = AbortSignal.abort(new DOMException("stopping", "AbortError"));
  await assertRejects(() => scene.store.fetch(version("a"), signal), DOMException, "stopping");
});

Deno.test("images go that nobody needs; what runs, what ran before and what is not ours stay", async () => {
  const scene = new Scene();
  for (const letter of "abcd") scene.keep(letter);
  scene.fake.images.here.push(scene.image("e"));
  scene.inUse = [version("d")];
  // The newest first: the one that runs is good, too, and does not count.
  scene.good = [version("d"), version("c"), version("b")];
  await scene.store.prune();
  assertEquals(scene.here, ["c", "d", "e"]);
});

Deno.test("an image with another name, or pulled from elsewhere, loses only ours", async () => {
  const scene = new Scene();
  scene.keep("a", { tags: ["docker.io/library/web:mine"] });
  const digests = [`reg.example/web@${digest("b")}`, `mirror.example/web@${digest("b")}`];
  scene.keep("b", { digests });
  await scene.store.prune();
  assertEquals(scene.fake.images.here.map(({ tags, digests }) => [tags, digests.length]), [
    [["docker.io/library/web:mine"], 1],
    [[], 2],
  ]);
});

Deno.test("an image that a container of somebody uses stays, and the others go all the same", async () => {
  const scene = new Scene();
  scene.keep("a", { isUsed: true });
  scene.keep("b");
  await scene.store.prune();
  assertEquals(scene.here, ["a"]);
});

Deno.test("what a container used goes as soon as it may", async () => {
  const scene = new Scene();
  scene.keep("a", { isUsed: true });
  await scene.store.prune();
  scene.fake.images.here[0]!.isUsed = false;
  await scene.store.prune();
  assertEquals(scene.here, []);
});

Deno.test("tags of versions that we have put on images go with them, others do not", async () => {
  for (const ownsTags of [false, true]) {
    const scene = new Scene({ ownsTags, keep: 0 });
    scene.keep("a", { tags: ["reg.example/web:1.a"] });
    scene.keep("b", { tags: ["reg.example/web:mine"] });
    scene.good = [version("a"), version("b")];
    await scene.store.prune();
    assertEquals(scene.here, ownsTags ? ["b"] : ["a", "b"]);
  }
});

Deno.test("what is fetched while old images go is looked for when they are gone", async () => {
  const scene = new Scene();
  scene.keep("a");
  scene.fake.images.registry.set(`reg.example/web@${digest("a")}`, scene.image("a"));
  const pruning = scene.store.prune();
  await scene.store.fetch(version("a"), NEVER);
  await pruning;
  assertEquals([scene.here, scene.fake.images.pulled.length], [["a"], 1]);
});

Deno.test("an engine that is away keeps its images, which is told", async () => {
  const scene = new Scene();
  scene.keep("a");
  scene.fake.images.list = () => Promise.reject(new EngineUnreachableError("it is away", "absent"));
  await scene.store.prune();
  await scene.store.idle();
  assertEquals([scene.here, scene.told], [["a"], ["Old images are not removed: it is away"]]);
});

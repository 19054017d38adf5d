import { assertEquals } from "@std/assert";
import { EventHub } from "../../../../src/commands/run/event_hub.ts";
import { EventLog } from "../../../../src/commands/run/event_log.ts";
import { followRolls, wantedImages } from "../../../../src/commands/run/images.ts";
import { parseReference } from "../../../../src/image/image_reference.ts";
import { ImageStore } from "../../../../src/runtime/container/image_store.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import type { LoggedEvent } from "../../../../src/roll/logged_event.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import type { Behaviour } from "../../../simulation/sim_world.ts";
import { recordingLog } from "../../platform/recording_log.ts";
import { Life } from "../../roll/fair_world.ts";
import { Rig } from "../../runtime/container/rig.ts";

function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

/** An updater whose versions are images, one of which is kept besides those in use. */
class ImageLife {
  readonly fake = new FakeEngine();
  readonly life: Life;
  readonly store: ImageStore;

  constructor(minHealthyMs = 0) {
    const shelf = { exposedPorts: () => Promise.resolve(["80/tcp"]) };
    const quiet = () => {};
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    this.store = new ImageStore({
      engine: this.fake.engine,
      app: "web",
      images: new KnownImages(shelf, parseReference("reg.example/web"), null),
      login: () => Promise.resolve(null),
      keep: 1,
      wanted: () => wantedImages(this.life.updater),
      log,
    });
    this.life = new Life({ minHealthyMs }, (world) => {
      Object.assign(world, { artifacts: this.store });
      const { observe } = world;
      world.observe = (event) => {
        observe.call(world, event);
        if (/^roll.(succeeded|failed)$/.test(event.type)) void this.store.prune();
      };
    });
  }

  /** Publishes the image `letter`, and gives it time to be rolled to. */
  async offer(letter: string, behaviour: Partial<Behaviour> = {}): Promise<void> {
    const digests = [`reg.example/web@${digest(letter)}`];
    this.fake.images.registry.set(digests[0]!, { id: digest(letter), tags: [], digests });
    this.life.publish(`1@${digest(letter)}`, behaviour);
    await this.life.pass(15_000);
    await this.store.idle();
  }

  get running(): string {
    return this.life.current?.id.at(-1) ?? "";
  }

  get here(): string {
    return this.fake.images.here.map(({ id }) => id.at(-1)).join("");
  }
}

Deno.test("rolls that fail take no image of what runs, or ran before, away", async () => {
  const t = new ImageLife();
  t.life.begin();
  for (const letter of "ab") await t.offer(letter);
  for (const letter of "cde") await t.offer(letter, { livesMs: 10, healthyAfterMs: 1_000 });
  // The last that was refused stays until it is known what comes after it.
  assertEquals([t.running, t.here], ["b", "abe"]);
  await t.offer("f");
  // The one before was still leaving when it was looked.
  assertEquals([t.running, t.here], ["f", "abf"]);
  await t.life.end();
});

Deno.test("the image to which a version that is watched may give way stays", async () => {
  const t = new ImageLife(60_000);
  t.life.begin();
  await t.offer("a");
  await t.offer("b");
  assertEquals([t.running, t.here, t.life.updater.proven.newest?.at(-1)], ["b", "ab", "a"]);
  await t.offer("c", { livesMs: 10, healthyAfterMs: 1_000 });
  assertEquals([t.running, t.here], ["b", "abc"]);
  await t.life.end();
});

Deno.test("an image that waits between its pull and its start is not cleared away", async () => {
  const t = new ImageLife();
  t.life.begin();
  for (const letter of "ab") await t.offer(letter);
  const { hooks } = t.life.world;
  hooks.has = (hook) => hook === "before";
  hooks.run = async (_, __, signal) => {
    await t.store.prune();
    await t.life.world.clock.sleep(1, signal);
    return { outcome: "succeeded", code: 0, lastLines: [], durationMs: 1 };
  };
  await t.offer("c");
  assertEquals([t.running, t.here], ["c", "abc"]);
  await t.life.end();
});

Deno.test("what happens to containers is logged, told to everybody, and kept", async () => {
  await using rig = new Rig({ replicas: 2 });
  const log = recordingLog();
  const kept: LoggedEvent[] = [];
  const hub = new EventHub({
    log: new EventLog(log),
    date: () => 0,
    keeper: { add: (event) => void kept.push(event) },
    redact: (event) => event,
    onError: (error) => {
      throw error;
    },
  });
  const told: string[] = [];
  using _ = hub.onEvent(({ event }) => told.push(event.type));
  followRolls(hub, rig.runtime, { prune: () => Promise.resolve() });
  await rig.serving();
  rig.fake.all[0]!.end(3);
  await rig.pass(5_000);
  assertEquals(told, ["container.died", "container.back"]);
  const [died, back] = log.messages();
  assertEquals(died?.split(" (")[0], "Container web-i7-0-secret ended with code 3");
  assertEquals(back?.split(" (")[0], "Container web-i7-0-secret is back");
  assertEquals(kept.map(({ level, message }) => [level, message]), [
    ["warn", died],
    ["info", back],
  ]);
});

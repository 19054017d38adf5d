import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { EngineUnreachableError } from "../../../../src/container/engine/engine_error.ts";
import { parseReference } from "../../../../src/image/image_reference.ts";
import { type Clock, systemClock } from "../../../../src/platform/clock.ts";
import { OutageError, RemainsError } from "../../../../src/roll/effects.ts";
import { containerMigrations } from "../../../../src/runtime/container/container_migrations.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import type { FakeContainer } from "../../../helpers/fake_container.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";
import { SimClock } from "../../../simulation/sim_clock.ts";
import { DIGEST, OWNER, VERSION } from "./rig.ts";

const NEVER = new AbortController().signal;
const CHANGE = { roll: 8, from: "1.1", to: VERSION };

function scene(
  back: readonly string[] | null,
  onStart: (one: FakeContainer) => void,
  clock: Clock = systemClock,
) {
  const fake = new FakeEngine(clock);
  const told: string[] = [];
  const seen: FakeContainer[] = [];
  fake.onStart = (one) => {
    seen.push(one);
    onStart(one);
  };
  const note = (message: string) => void told.push(message);
  const shelf = { exposedPorts: () => Promise.resolve(["80/tcp"]) };
  const migrations = containerMigrations({
    engine: fake.engine,
    owner: OWNER,
    baseName: "web",
    body: {
      Env: ["DB=postgres"],
      Cmd: ["serve"],
      Healthcheck: { Test: ["CMD", "true"] },
      HostConfig: { Binds: ["data:/data"], NetworkMode: "backend" },
    },
    images: new KnownImages(shelf, parseReference("reg.example/web"), null),
    forth: ["./manage", "migrate"],
    back,
    timeoutMs: 60_000,
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    redact: (line) => line.replaceAll("hunter2", "***"),
  });
  return { fake, told, seen, migrations };
}

Deno.test("a migration runs in the new image, with all that the application has", async () => {
  const { fake, told, seen, migrations } = scene(null, (one) => {
    one.print("added column hunter2");
    one.end(0);
  });
  await migrations.forth(CHANGE, NEVER);
  const { name, body } = seen[0]!;
  assertMatch(name, /^web-i8-migrate-forth-[0-9a-f]{6}$/);
  assertEquals([body.Image, body.Entrypoint, body.Cmd], [
    `reg.example/web@${DIGEST}`,
    ["./manage"],
    ["migrate"],
  ]);
  const told2 = ["LIVEROLL_FROM_ID=1.1", `LIVEROLL_TO_ID=${VERSION}`];
  assertEquals(body.Env, ["DB=postgres", ...told2]);
  assertEquals([body.HostConfig?.Binds, body.HostConfig?.NetworkMode], [
    ["data:/data"],
    "backend",
  ]);
  assertEquals([body.Healthcheck, body.Labels?.["liveroll.role"]], [undefined, "migration"]);
  assertEquals(told, ["added column ***"]);
  assertEquals(fake.names, []);
  assertEquals(migrations.back, undefined);
});

Deno.test("a migration that fails is told with its last words, without secrets", async () => {
  const { migrations, fake } = scene(["./manage", "back"], (one) => {
    for (let line = 1; line <= 7; line++) one.print(`line ${line} hunter2`);
    one.end(137, { isOutOfMemory: true });
  });
  await assertRejects(
    () => migrations.forth(CHANGE, NEVER),
    Error,
    "the migration ended with code 137, it was out of memory: line 3 *** | line 4 *** | " +
      "line 5 *** | line 6 *** | line 7 ***",
  );
  await assertRejects(() => migrations.back!(CHANGE), Error, "taking back the migration ended");
  assertEquals(fake.names, []);
});

Deno.test("an engine that goes away in a migration is an outage", async () => {
  const { fake, migrations } = scene(null, () => {
    fake.before = (call) => {
      if (call === "wait") throw new EngineUnreachableError("it went away", "broken");
    };
  });
  await assertRejects(() => migrations.forth(CHANGE, NEVER), OutageError, "it went away");
  assertEquals(fake.names, []);
});

Deno.test("a migration that could not be removed counts as at work until it is", async () => {
  const clock = new SimClock();
  const { fake, told, migrations } = scene(null, () => fake.goAway(), clock);
  const work = migrations.forth(CHANGE, NEVER).then(() => null, (error) => error);
  for (let seconds = 0; seconds < 60; seconds++) await clock.step(clock.now() + 1_000);
  const error = await work;
  assert(error instanceof RemainsError && error.why instanceof OutageError, String(error));
  assertMatch(told.at(-1) ?? "", /^container web-i8-migrate-forth-[0-9a-f]{6} may still run: /);
  assertEquals([error.remains.key, error.remains.id], ["i8", VERSION]);
  assertEquals(await error.remains.stop(), "survived");
  fake.comeBack();
  assertEquals(await error.remains.stop(), "killed");
  assertEquals(fake.names, []);
});

import { assert, assertEquals } from "@std/assert";
import { CALL_VARIABLE } from "../../../../src/compose/program/left_over_calls.ts";
import { Overrides } from "../../../../src/compose/override.ts";
import type { OneShot } from "../../../../src/compose/program/stack.ts";
import { readModel } from "../../../../src/compose/read_model.ts";
import { EngineUnreachableError } from "../../../../src/container/engine/engine_error.ts";
import type { StackPlan } from "../../../../src/compose/stack_plan.ts";
import { OutageError, RemainsError } from "../../../../src/roll/effects.ts";
import {
  type ComposeMigrationOptions,
  composeMigrations,
  endFormerWork,
} from "../../../../src/runtime/compose/compose_migrations.ts";
import { StackRevisions } from "../../../../src/runtime/compose/stack_revisions.ts";
import { KnownImages } from "../../../../src/runtime/container/known_images.ts";
import { LABELS } from "../../../../src/runtime/container/labels.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;
const IMAGE = { host: "ghcr.io", repository: "me/blog", tag: "2", digest: null };
const CHANGE = { roll: 7, from: "1@x", to: `2@${DIGEST}` };
const signal = new AbortController().signal;

/** Runs a migration that ends with `code`. @returns What was asked for, and what was removed. */
async function migrate(
  code: number,
  way: "forth" | "back" = "forth",
  onList: () => void = () => {},
) {
  using directory = new TempDirectory();
  const overrides = await Overrides.open(`${directory.path}/compose`);
  const model = readModel({ services: { web: { image: "ghcr.io/me/blog:2" } } }, "blog");
  const stack = { project: "blog", directory: "/srv", files: ["/c"], envFile: null, profiles: [] };
  const plan = { stack, services: [model.services.get("web")!] } as unknown as StackPlan;
  const owner = { app: "blog", tokenPrefix: "t" };
  const images = new KnownImages({ exposedPorts: () => Promise.resolve([]) }, IMAGE, 1);
  const asked: { shot: OneShot; web: Record<string, unknown> }[] = [];
  const removed: string[] = [];
  const engine = {
    containers: {
      list: async (labels: readonly string[]) => {
        await onList();
        return [{ id: labels.join(" ") }];
      },
      remove: (id: string) => Promise.resolve(void removed.push(id)),
    },
  };
  const migrations = composeMigrations({
    ...{ plan, overrides, owner, forth: ["./blog", "up"], back: ["./blog", "down"] },
    revisions: new StackRevisions({ plan, owner, images, isPinned: true }),
    engine: engine as unknown as ComposeMigrationOptions["engine"],
    compose: {
      runOnce: ({ files }, shot) => {
        const { services } = JSON.parse(Deno.readTextFileSync(files.at(-1)!));
        asked.push({ shot, web: services.web });
        return Promise.resolve({ code, stdout: "", lastLines: ["half", "way"] });
      },
    },
    timeoutMs: 1_000,
    log: { info: () => {}, warn: () => {} } as never,
  });
  const run = way === "forth" ? migrations.forth(CHANGE, signal) : migrations.back!(CHANGE);
  const problem = await run.then(() => null, (error: Error) => error);
  return { ...asked[0]!, removed, problem, error: problem?.message ?? null };
}

Deno.test("a migration runs in the new image, by its digest, and knows both versions", async () => {
  const { shot, web, error } = await migrate(0);
  assertEquals(shot, {
    service: "web",
    entrypoint: "./blog",
    command: ["up"],
    env: { LIVEROLL_FROM_ID: "1@x", LIVEROLL_TO_ID: CHANGE.to },
  });
  const labels = web.labels as Record<string, string>;
  assertEquals([web.image, labels[LABELS.role]], [`ghcr.io/me/blog@${DIGEST}`, "migration"]);
  assertEquals(error, null);
});

Deno.test("one that fails is told with its last words", async () => {
  assertEquals((await migrate(3)).error, "the migration ended with code 3: half | way");
  const back = await migrate(1, "back");
  assertEquals(back.error, "taking back the migration ended with code 1: half | way");
  assertEquals(back.shot.command, ["down"]);
});

Deno.test("no container of it is left, however it ended", async () => {
  for (const code of [0, 1]) {
    const { removed } = await migrate(code);
    assertEquals(removed, [`${LABELS.state}=t ${LABELS.role}=migration`]);
  }
});

Deno.test("one that could not be removed counts as at work until it is", async () => {
  let isAway = true;
  const onList = () => {
    if (isAway) throw new EngineUnreachableError("it went away", "broken");
  };
  const { problem, removed } = await migrate(1, "forth", onList);
  assert(problem instanceof RemainsError && problem.why instanceof OutageError, String(problem));
  assertEquals([problem.remains.key, problem.remains.id], ["i7", CHANGE.to]);
  assertEquals([await problem.remains.stop(), removed], ["survived", []]);
  isAway = false;
  assertEquals([await problem.remains.stop(), removed.length], ["killed", 1]);
});

Deno.test("a call of a former life that makes its container late leaves none either", async () => {
  const mark = `mark-${crypto.randomUUID()}`;
  const env = { [CALL_VARIABLE]: mark };
  const call = new Deno.Command("cat", { env, stdin: "piped", stdout: "null" }).spawn();
  let isOver = false;
  const removed: string[] = [];
  const engine = {
    containers: {
      list: () => Promise.resolve(isOver ? [{ id: "late" }] : []),
      remove: (id: string) => Promise.resolve(void removed.push(id)),
    },
  } as unknown as ComposeMigrationOptions["engine"];
  const onLeft = async () => {
    await call.stdin.close();
    isOver = true;
  };
  await endFormerWork({ engine, owner: { app: "blog", tokenPrefix: mark } }, { onLeft });
  await call.status;
  assertEquals(removed, ["late"]);
});

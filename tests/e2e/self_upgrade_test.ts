import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Script } from "../apps/handover/peer.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { HandoverProgram } from "../helpers/handover_program.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll, type LiverollOptions } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs, program } from "../helpers/skip.ts";
import { verb } from "../helpers/verbs.ts";

const UPGRADES = 10;
const LAUNCHER = new URL("../apps/handover/launch.py", import.meta.url).pathname;

/** One service, and the livrolls that follow each other in it. */
class Scene implements AsyncDisposable {
  readonly home = new Home();
  readonly #started: Liveroll[] = [];
  readonly #peers: HandoverProgram[] = [];
  readonly dir = `${this.home.workspace.dir}/handover`;

  /** Starts one. */
  start(options: LiverollOptions = {}): Liveroll {
    const flags = { handover: this.dir, "child-logs": "inherit", ...options.flags };
    const liveroll = new Liveroll({ ...options, home: this.home, flags });
    this.#started.push(liveroll);
    return liveroll;
  }

  /** Starts the first one, and waits until it serves. */
  async first(options: LiverollOptions = {}): Promise<Liveroll> {
    const liveroll = this.start({ version: "v1", ...options });
    await liveroll.waitFor("roll.succeeded");
    return liveroll;
  }

  /** Starts one more, and waits until it looks after what the one before has started. */
  async next(options: LiverollOptions = {}): Promise<Liveroll> {
    const liveroll = this.start(options);
    await liveroll.waitFor("instance.adopted");
    return liveroll;
  }

  /** One side of a hand-over, played up to a step, at which it is killed. */
  async peerDies(script: Omit<Script, "end">): Promise<HandoverProgram> {
    const peer = this.peer({ ...script, end: "die" });
    assertEquals(await peer.ended(), "SIGKILL", script.step);
    assert(peer.said.includes(`at ${script.step}`));
    return peer;
  }

  peer(script: Script): HandoverProgram {
    const { dir, home: { port } } = this;
    const peer = new HandoverProgram("peer", { dir, id: "peer", port }, { script });
    this.#peers.push(peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const peer of this.#peers) await peer[Symbol.asyncDispose]();
      for (const liveroll of this.#started.toReversed()) await liveroll[Symbol.asyncDispose]();
    } finally {
      this.home[Symbol.dispose]();
    }
  }
}

/** Sockets of a process, save what it prints on. */
function socketsOf(pid: number): string[] {
  const fds = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => name);
  return fds.filter((fd) => Number(fd) > 2)
    .flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    .filter((file) => file.startsWith("socket:"));
}

function linkOf(path: string): string[] {
  try {
    return [Deno.readLinkSync(path)];
  } catch {
    return [];
  }
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name: `self-upgrade: ${name}`,
    ...needs(linux(), foreignFunctions()),
    async fn() {
      await using scene = new Scene();
      await fn(scene);
    },
  });
}

test(`${UPGRADES} under load: no request fails, and the child is the same`, async (scene) => {
  let owner = await scene.first();
  const child = await owner.ask("/pid");
  await using load = new Load(scene.home.port, { posts: 1, downloads: 1 });
  await load.sees("v1");
  for (let i = 0; i < UPGRADES; i++) {
    const next = await scene.next();
    assertEquals(await owner.end(), { code: 0, signal: null });
    assertEquals(next.events("roll.started"), []);
    owner = next;
  }
  assertEquals((await owner.ask("/pid")).text, child.text);
  await owner.roll("v2");
  await load.sees("v2");
  assertNoneFailed(await load.stop());
});

test("no child gets a socket of a liveroll that has taken over", async (scene) => {
  const owner = await scene.first();
  const next = await scene.next();
  assertEquals(await owner.end(), { code: 0, signal: null });
  await next.rollAndRetire("v2");
  const child = Number((await next.ask("/pid")).text);
  const ours = socketsOf(next.pid);
  // Its door, its control socket, the public one.
  assert(ours.length >= 3);
  assertEquals(socketsOf(child).filter((socket) => ours.includes(socket)), []);
});

test("a successor that is killed costs nothing, and who serves goes on looking after the child", async (scene) => {
  const owner = await scene.first();
  await using load = new Load(owner.port);
  await load.sees("v1");
  await scene.peerDies({ side: "successor", step: "fds" });
  for (const step of ["ready", "paused", "locked"] as const) {
    const since = owner.log.mark();
    await scene.peerDies({ side: "successor", step });
    await owner.waitFor("instance.adopted", {}, since);
  }
  assertNoneFailed(await load.stop());
  const real = scene.start();
  await real.waitForText("Listening on");
  real.signal("SIGKILL");
  assertEquals(await owner.end(), { code: 0, signal: null });
  const next = await scene.next();
  await next.rollAndRetire("v2");
  assertEquals(next.children().size, 1);
});

test("an owner that is killed after it has given its sockets away is followed", async (scene) => {
  for (const step of ["fds", "pausing", "paused"] as const) {
    const peer = scene.peer({ side: "owner", step, end: "die" });
    await peer.says("ready");
    await using owner = scene.start({ version: "v1" });
    assertEquals(await peer.ended(), "SIGKILL", step);
    await owner.waitFor("roll.succeeded");
    assertEquals((await owner.ask()).headers.get("x-version"), "v1");
  }
});

test("two successors at once follow each other", async (scene) => {
  const owner = await scene.first();
  await using load = new Load(owner.port);
  await load.sees("v1");
  const both = [scene.start(), scene.start()];
  await Promise.all(both.map((one) => one.waitFor("instance.adopted")));
  assertEquals(await owner.end(), { code: 0, signal: null });
  const first = await Promise.race(both.map(async (one) => ({ one, end: await one.ended })));
  assertEquals(first.end, { code: 0, signal: null });
  assertNoneFailed(await load.stop());
  // Either of them may be the last one.
  for (const one of both) if (one !== first.one) await one.stop();
});

test("another application is refused in the directory, and who serves goes on", async (scene) => {
  const owner = await scene.first();
  const stateDir = `${scene.home.workspace.dir}/other-state`;
  const other = scene.start({ flags: { "state-dir": stateDir } });
  assertEquals((await other.end()).code, 2);
  await other.finished;
  assertStringIncludes(
    other.log.excerpt(),
    `this is the liveroll of ${stateDir}; each needs a directory of its own`,
  );
  await owner.rollAndRetire("v2");
  assertEquals(await owner.stop(), { code: 0, signal: null });
});

test("a successor waits for a roll that is under way, and follows an owner that is told to stop", async (scene) => {
  const owner = await scene.first();
  const since = owner.offer("v2", { startDelayMs: 60_000 });
  await owner.waitFor("roll.started", {}, since);
  const next = scene.start();
  owner.publish("v3");
  assertEquals(await owner.stop(), { code: 0, signal: null });
  await next.waitFor("roll.succeeded", { id: "v3" });
});

test("liveroll upgrade starts the next one, and goes on with this one if that fails", async (scene) => {
  const owner = await scene.first();
  await using load = new Load(owner.port);
  await load.sees("v1");
  const upgrade = (...args: string[]) => verb(scene.home.stateDir, "upgrade", ...args);
  const refused = await upgrade("--binary", "/bin/false");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "the new liveroll refuses these options");
  const done = await upgrade();
  assertEquals([done.code, done.stderr], [0, ""]);
  assertEquals(await owner.end(), { code: 0, signal: null });
  using client = scene.home.client();
  const { pid, current } = await client.status();
  assertEquals(done.stdout, `pid ${pid} has taken over from pid ${owner.pid}\n`);
  assertEquals(current?.id, "v1");
  assertEquals(owner.children().size, 1);
  const last = await scene.next();
  assertNoneFailed(await load.stop());
  assertEquals((await last.ask()).headers.get("x-version"), "v1");
});

for (const engine of ["relay", "tcp"]) {
  Deno.test({
    name:
      `self-upgrade: a socket of a service manager is used by --engine ${engine}, and handed on`,
    ...needs(linux(), foreignFunctions(), program("python3")),
    async fn() {
      await using scene = new Scene();
      const launcher = ["python3", LAUNCHER, `${scene.home.port}`];
      const owner = await scene.first({ launcher, flags: { engine } });
      assertEquals((await owner.ask()).headers.get("x-version"), "v1");
      const { text } = await owner.ask("/env");
      assertEquals(Object.keys(JSON.parse(text)).filter((name) => name.startsWith("LISTEN")), []);
      await scene.next({ flags: { engine } });
      assertEquals(await owner.end(), { code: 0, signal: null });
    },
  });
}

Deno.test({
  name: "self-upgrade: --engine fetch says that it cannot use the socket of a service manager",
  ...needs(linux(), program("python3")),
  async fn() {
    await using scene = new Scene();
    const launcher = ["python3", LAUNCHER, `${scene.home.port}`];
    const refused = scene.start({ launcher, flags: { engine: "fetch", handover: null } });
    assertEquals((await refused.end()).code, 2);
    await refused.finished;
    assertStringIncludes(refused.log.excerpt(), "Cannot use the sockets of LISTEN_FDS");
  },
});

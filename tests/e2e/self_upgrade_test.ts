import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { OWNER_STEPS } from "../apps/handover/peer.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { HttpConnection, HttpFailure } from "../helpers/http.ts";
import { Latch } from "../helpers/latch.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs, program, type Requirement, root } from "../helpers/skip.ts";
import { limitFiles, openFiles, standsStill } from "../helpers/proc.ts";
import { poll } from "../../src/platform/poll.ts";
import { openSocket } from "../helpers/socket.ts";
import { UpgradeScene as Scene, withScene } from "../helpers/upgrade_scene.ts";
import { verb } from "../helpers/verbs.ts";

const UPGRADES = 10;
const HALTING = new URL("../helpers/halting_main.ts", import.meta.url).pathname;
const LAUNCHER = new URL("../apps/handover/launch.py", import.meta.url).pathname;

/** Sockets of a process, save what it prints on. */
function socketsOf(pid: number): string[] {
  const fds = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => name);
  return fds.filter((fd) => Number(fd) > 2)
    .flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    .filter((file) => file.startsWith("socket:"));
}

/** Supplementary groups of a process. */
function groupsOf(pid: number): string {
  return /^Groups:\t(.*?) *$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? "";
}

/** Flags of the socket of a process that listens on `port`, in octal. */
function flagsOf(pid: number, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = Deno.readTextFileSync("/proc/net/tcp").split("\n").map((row) =>
    row.trim().split(/ +/)
  );
  const inodes = rows.filter(([, local = "", , state]) =>
    state === "0A" && local.endsWith(`:${hex}`)
  )
    .map((columns) => `socket:[${columns[9]}]`);
  const fds = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => name)
    .filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).some((file) => inodes.includes(file)));
  return fds.map((fd) =>
    /^flags:\t(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/fdinfo/${fd}`))![1]!
  );
}

function pidFilesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => name.startsWith("successor-"));
}

/** Whether somebody has connected to a unix socket in `dir` and was not accepted. */
function somebodyWaitsIn(dir: string): boolean {
  // Who waits has the name of the listener (the one that it was bound to), and no inode.
  return Deno.readTextFileSync("/proc/net/unix").includes(` 0 ${dir}/`);
}

function linkOf(path: string): string[] {
  try {
    return [Deno.readLinkSync(path)];
  } catch {
    return [];
  }
}

/** A stream of events, each of which has to be whole, and the next one. */
async function follow(connection: HttpConnection, path: string) {
  await connection.send(path);
  const body = connection.body(await connection.readHead());
  let count = 0;
  const next = async () => {
    const { done, value } = await body.next();
    if (done) return false;
    assertEquals(new TextDecoder().decode(value), `data: v1 ${count++}\n\n`);
    return true;
  };
  assert(await next());
  return {
    next: async () => assert(await next()),
    rest: async () => {
      while (await next());
    },
  };
}

function test(name: string, fn: (scene: Scene) => Promise<void>, ...more: Requirement[]): void {
  Deno.test({
    name: `self-upgrade: ${name}`,
    ...needs(linux(), foreignFunctions(), ...more),
    fn: () => withScene(fn),
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
    await owner.takesUp(since);
  }
  assertNoneFailed(await load.stop());
  // What this one has accepted is lost by nature.
  const since = owner.log.mark();
  await scene.peerDies({ side: "successor", step: "accepting" });
  await owner.takesUp(since);
  assertEquals((await owner.ask()).text, "v1");
  const real = scene.start();
  await real.waitForText("Listening on");
  real.signal("SIGKILL");
  assertEquals(await owner.end(), { code: 0, signal: null });
  const next = await scene.next();
  await next.rollAndRetire("v2");
  assertEquals(next.children().size, 1);
});

test("an owner that is killed after it has given its sockets away is followed", async (scene) => {
  for (const step of OWNER_STEPS) {
    const peer = scene.peer({ side: "owner", step, end: "die" });
    await peer.says("ready");
    await using owner = scene.start({ version: "v1" });
    assertEquals(await peer.ended(), "SIGKILL", step);
    await owner.waitFor("roll.succeeded");
    assertEquals((await owner.ask()).headers.get("x-version"), "v1");
  }
});

test("an owner that is killed while the next one comes up leaves it the socket and the child", async (scene) => {
  const owner = await scene.first();
  const child = await owner.ask("/pid");
  const next = scene.start({ program: HALTING });
  assert(await poll(() => standsStill(next.pid), { timeoutMs: PATIENCE_MS }));
  const theirs = socketsOf(owner.pid);
  assert(socketsOf(next.pid).some((one) => theirs.includes(one)));
  owner.signal("SIGKILL");
  assertEquals((await owner.end()).signal, "SIGKILL");
  const waiting = owner.ask("/pid");
  next.signal("SIGCONT");
  assertEquals((await waiting).text, child.text);
  assertEquals(next.events("roll.started"), []);
});

test("what is under way at a hand-over is finished, up and down; WebSockets are told", async (scene) => {
  const owner = await scene.first({ flags: { "drain-timeout": "1h" } });
  using latch = new Latch();
  using up = await HttpConnection.connect(owner.port);
  const down = owner.ask(latch.path({ head: true }));
  const held = [await latch.arrival()];
  const socket = await openSocket(owner.port);
  assertEquals(await socket.next(), "hello from v1");
  using listener = await HttpConnection.connect(owner.port);
  const events = await follow(listener, latch.events());
  held.push(await latch.arrival());
  const body = new Uint8Array(200_000).fill(7);
  await up.send("/upload", { method: "POST", headers: { "content-length": `${body.length}` } });
  await up.write(body.subarray(0, 100_000));
  await scene.next();
  await owner.waitForText("requests in flight may finish here");
  // Long before the drain limit.
  assertEquals((await socket.closed).code, 1001);
  await events.next();
  await up.write(body.subarray(100_000));
  const { status, headers } = await up.readHead();
  assertEquals([status, headers.get("connection")], [200, "close"]);
  for (const request of held) request.release();
  assertEquals((await down).text, "begun v1");
  await events.rest();
  // Else it may bring one more request.
  listener.close();
  assertEquals(await owner.end(), { code: 0, signal: null });
  await owner.waitForText("Finished: 4 requests, 0 cut");
});

test("what exceeds the drain limit after a hand-over is cut and counted", async (scene) => {
  const owner = await scene.first({ flags: { "drain-timeout": "300ms" } });
  using latch = new Latch();
  using up = await HttpConnection.connect(owner.port);
  const silent = owner.ask(latch.path());
  const begun = assertRejects(() => owner.ask(latch.path({ head: true })), HttpFailure);
  await latch.arrivals(2);
  using listener = await HttpConnection.connect(owner.port);
  const events = await follow(listener, "/sse?every=20");
  await up.send("/upload", { method: "POST", headers: { "content-length": "1000" } });
  await scene.next();
  assertEquals((await silent).status, 504);
  assertEquals((await up.readHead()).status, 504);
  assertEquals((await begun).kind, "truncated_body");
  const ended = await assertRejects(() => events.rest(), HttpFailure);
  // Between two events, and not by a reset.
  assertEquals([ended.message, listener.brokenBy], ["truncated_body: no chunk size", ""]);
  assertEquals(await owner.end(), { code: 0, signal: null });
  await owner.waitForText("Finished: 0 requests, 4 cut");
});

test(
  "out of file descriptors, nobody is lost: clients and a successor are accepted afterwards",
  async (scene) => {
    await scene.first();
    const next = await scene.next();
    const since = next.log.mark();
    limitFiles(next.pid, openFiles(next.pid) + 5);
    const clients: Deno.Conn[] = [];
    for (let i = 0; i < 20; i++) {
      clients.push(await Deno.connect({ hostname: "127.0.0.1", port: next.port }));
    }
    await next.waitForText("too many open files", since);
    // It knocks meanwhile, and is heard afterwards.
    const last = scene.start();
    assert(await poll(() => somebodyWaitsIn(scene.dir), { timeoutMs: PATIENCE_MS }));
    for (const client of clients) client.close();
    const isBack = () => next.ask().then(({ text }) => text === "v1", () => false);
    assert(await poll(isBack, { timeoutMs: 10_000 }));
    await last.waitFor("instance.adopted");
    // What cannot be looked at has not died.
    assertEquals(next.events("instance.exited"), []);
  },
  program("prlimit"),
);

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
  // Either may have been the first.
  for (const one of both) assertEquals(await one.stop(), { code: 0, signal: null });
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

Deno.test({
  name: "self-upgrade: the successor has groups, descriptors and flags as they were",
  ...needs(linux(), foreignFunctions(), program("setpriv"), root()),
  async fn() {
    await using scene = new Scene();
    const launcher = ["setpriv", "--groups", "0,4242,4243"];
    const owner = await scene.first({ launcher });
    const before = { groups: groupsOf(owner.pid), flags: flagsOf(owner.pid, scene.home.port) };
    assertEquals(before.groups, "0 4242 4243");
    const theirs = socketsOf(owner.pid);
    assertEquals((await verb(scene.home.stateDir, "upgrade")).code, 0);
    using client = scene.home.client();
    const { pid } = await client.status();
    assertNotEquals(pid, owner.pid);
    const after = { groups: groupsOf(pid), flags: flagsOf(pid, scene.home.port) };
    assertEquals(after, before);
    // By two descriptors: one is in reserve.
    const common = socketsOf(pid).filter((socket) => theirs.includes(socket));
    assertEquals([common.length, new Set(common).size], [2, 1]);
    assertEquals(pidFilesIn(scene.dir), []);
    const last = await scene.next();
    await last.rollAndRetire("v2");
    const child = Number((await last.ask("/pid")).text);
    assertEquals(socketsOf(child).filter((socket) => socketsOf(last.pid).includes(socket)), []);
  },
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
  name: "self-upgrade: --join says that there is no socket that another liveroll could serve",
  ...needs(linux()),
  async fn() {
    await using scene = new Scene();
    const refused = scene.start({ flags: { join: "true", handover: null } });
    assertEquals((await refused.end()).code, 2);
    await refused.finished;
    assertStringIncludes(refused.log.excerpt(), "Cannot use --join: there is no socket");
  },
});

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

test("an address of the control API that is taken is found before the owner stops for it", async (scene) => {
  const owner = await scene.first();
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = `127.0.0.1:${stranger.addr.port}`;
  const since = owner.log.mark();
  const next = scene.start({ flags: { "control-listen": at } });
  assertEquals(await next.end(), { code: 2, signal: null });
  await next.finished;
  const message = `Cannot listen on ${at}: the address is in use, by deno (pid ${Deno.pid})`;
  assertStringIncludes(next.log.dump(), message);
  // Who had been left and taken up again would have been adopted.
  await owner.rollAndRetire("v2");
  assertEquals(owner.events("instance.adopted", {}, since), []);
  assertEquals(await owner.stop(), { code: 0, signal: null });
});

test("the control API goes over to the successor by TCP, too", async (scene) => {
  const at = `127.0.0.1:${scene.home.sparePort}`;
  const flags = { "control-listen": at };
  const status = async () => await (await fetch(`http://${at}/v1/status`)).json();
  const owner = await scene.first({ flags });
  assertEquals((await status()).pid, owner.pid);
  // A stream that nobody ends is in the way of an orderly end.
  const events = await fetch(`http://${at}/v1/events`);
  const next = await scene.next({ flags });
  await next.waitForText(`Control API of`);
  assertEquals((await status()).pid, next.pid);
  await events.body?.cancel().catch(() => {});
  assertEquals(await owner.end(), { code: 0, signal: null });
});

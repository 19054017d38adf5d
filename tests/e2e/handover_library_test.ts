import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { OWNER_STEPS, type Script, SUCCESSOR_STEPS } from "../apps/handover/peer.ts";
import type { Plan } from "../apps/handover/plan.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { HandoverProgram, type ProgramName } from "../helpers/handover_program.ts";
import { ask } from "../helpers/http.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { PortClaim } from "../helpers/ports.ts";
import { linux, needs, program } from "../helpers/skip.ts";

const PROGRAMS = ["with_node_http", "with_sockets"] as const;
const EXAMPLE = new URL("../../docs/examples/handover.ts", import.meta.url).pathname;
const LAUNCHER = new URL("../apps/handover/launch.py", import.meta.url).pathname;

/** The programs of one service, started one after the other, and dead when the test ends. */
class Scene implements AsyncDisposable {
  readonly #claim = new PortClaim(1);
  readonly dir = Deno.makeTempDirSync();
  readonly #started: HandoverProgram[] = [];
  readonly port = this.#claim.ports[0]!;

  start(
    name: ProgramName,
    plan: Partial<Plan> = {},
    options: { script?: Script; launcher?: string[] } = {},
  ): HandoverProgram {
    const { port } = this;
    const started = new HandoverProgram(name, { dir: this.dir, id: name, port, ...plan }, options);
    this.#started.push(started);
    return started;
  }

  /** Starts one, and waits until it serves. */
  async up(name: ProgramName, plan: Partial<Plan> = {}): Promise<HandoverProgram> {
    const started = this.start(name, plan);
    await started.says("ready");
    return started;
  }

  /** Who answers. */
  async ask(): Promise<string> {
    return (await ask(this.port, "/")).text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of this.#started) await started[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
    this.#claim[Symbol.dispose]();
  }
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name: `handover: ${name}`,
    ...needs(linux(), foreignFunctions()),
    async fn() {
      await using scene = new Scene();
      await fn(scene);
    },
  });
}

test("two programs replace each other 20 times under load, and no request fails", async (scene) => {
  let owner = await scene.up("with_sockets", { id: "v0" });
  await using load = new Load(scene.port);
  await load.sees("v0");
  const retired: HandoverProgram[] = [];
  for (let i = 1; i <= 20; i++) {
    const next = await scene.up(PROGRAMS[i % 2]!, { id: `v${i}` });
    await load.sees(`v${i}`);
    retired.push(owner);
    owner = next;
  }
  for (const program of retired) assertEquals(await program.ended(), 0);
  const report = await load.stop();
  assertNoneFailed(report);
  assertEquals(Object.keys(report.byVersion).length, 21);
});

test("a successor that is killed at any step costs nothing, under load", async (scene) => {
  const owner = await scene.up("with_node_http", { id: "v0" });
  await using load = new Load(scene.port);
  await load.sees("v0");
  for (const step of SUCCESSOR_STEPS.slice(0, -1)) {
    const peer = scene.start("peer", {}, { script: { side: "successor", step, end: "die" } });
    assertEquals(await peer.ended(), "SIGKILL", step);
    assert(peer.said.includes(`at ${step}`));
    assertEquals(await scene.ask(), "v0", step);
  }
  await scene.up("with_sockets", { id: "v1" });
  await load.sees("v1");
  assertEquals(await owner.ended(), 0);
  assertNoneFailed(await load.stop());
});

test("a successor that is killed while it accepts loses nothing that it has not accepted", async (scene) => {
  await scene.up("with_node_http", { id: "v0" });
  const script = { side: "successor", step: "accepting", end: "die" } as const;
  assertEquals(await scene.start("peer", {}, { script }).ended(), "SIGKILL");
  assertEquals(await scene.ask(), "v0");
  await scene.up("with_sockets", { id: "v1" });
  assertEquals(await scene.ask(), "v1");
});

test("a successor that hangs is given up, and what came meanwhile is answered", async (scene) => {
  const times = { readyTimeoutMs: 6_000, answerTimeoutMs: 300 };
  await scene.up("with_sockets", { id: "v0", ...times });
  for (const step of ["fds", "paused"] as const) {
    const peer = scene.start("peer", {}, { script: { side: "successor", step, end: "hang" } });
    await peer.says(`at ${step}`);
    assertEquals(await scene.ask(), "v0", step);
    const waiting = scene.start("with_node_http", { id: "v1", waitMs: 100 });
    assertEquals(await waiting.ended(), 3);
    assertEquals(waiting.said, ["refused: busy"]);
    peer.kill();
  }
  await scene.up("with_node_http", { id: "v1" });
  assertEquals(await scene.ask(), "v1");
});

test("an owner that is killed at any step leaves its sockets to the successor", async (scene) => {
  for (const step of OWNER_STEPS) {
    const peer = scene.start("peer", {}, { script: { side: "owner", step, end: "die" } });
    await peer.says("ready");
    // Nobody accepts: it waits in the queue of the socket.
    const waiting = scene.ask();
    const next = scene.start("with_node_http", { id: step, hold: true });
    await next.says("has sockets");
    await next.letGo();
    assertEquals(await peer.ended(), "SIGKILL", step);
    await next.says("ready");
    assertEquals(await waiting, step);
    next.kill();
    await next.ended();
  }
});

test("a serving owner that is killed leaves its sockets to a successor that is not ready yet", async (scene) => {
  const owner = await scene.up("with_sockets", { id: "v0" });
  const next = scene.start("with_node_http", { id: "v1", hold: true });
  await next.says("has sockets");
  assertEquals(await scene.ask(), "v0");
  owner.kill();
  await owner.ended();
  const waiting = scene.ask();
  await next.letGo();
  assertEquals(await waiting, "v1");
});

test("of two successors at once the second takes over from the first", async (scene) => {
  const owner = await scene.up("with_sockets", { id: "v0" });
  const successors = [
    scene.start("with_node_http", { id: "v1" }),
    scene.start("with_sockets", { id: "v2" }),
  ];
  for (const successor of successors) await successor.says("ready");
  assertEquals(await owner.ended(), 0);
  const ends = successors.map((successor) => successor.ended());
  const first = await Promise.race(ends.map(async (end, i) => (await end, i)));
  assertEquals(await ends[first], 0);
  assertEquals(await scene.ask(), first === 0 ? "v2" : "v1");
});

test("the example of the documentation runs with the permissions that it needs, and no others", async (scene) => {
  const dir = `${scene.dir}/hello`;
  const granted = ["--allow-ffi", "--allow-net", `--allow-read=${dir}`, `--allow-write=${dir}`];
  const start = (version: string) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-config", "--no-lock", ...granted, EXAMPLE, dir]
        .concat(`${scene.port}`, version),
      stdout: "piped",
    }).spawn();
  const old = start("v1");
  const said = old.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await said.read()).value, `v1 serves on port ${scene.port}\n`);
  const next = start("v2");
  assertEquals((await said.read()).value, "v1 ends (handed_over), 0 connections were cut\n");
  assertEquals(await scene.ask(), "hello from v2\n");
  assertEquals((await old.status).code, 0);
  next.kill("SIGTERM");
  assertStringIncludes(
    await new Response(next.stdout).text(),
    "v2 ends (stopped), 0 connections were cut",
  );
  await next.status;
  await said.cancel();
});

Deno.test({
  name: "handover: a socket of the service manager is taken first, handed on, and no child gets it",
  ...needs(linux(), foreignFunctions(), program("python3")),
  async fn() {
    await using scene = new Scene();
    const launcher = ["python3", LAUNCHER, `${scene.port}`];
    const owner = scene.start("with_node_http", { id: "v0" }, { launcher });
    await owner.says("ready");
    const environment: Record<string, string> = JSON.parse(
      (await ask(scene.port, "/environment")).text,
    );
    const told = Object.keys(environment).filter((name) => name.startsWith("LISTEN_"));
    assertEquals(told, []);
    assertEquals(await socketsOfChild(scene.port), []);
    await scene.up("with_node_http", { id: "v1" });
    assertEquals(await owner.ended(), 0);
    assertEquals(await scene.ask(), "v1");
    assertEquals(await socketsOfChild(scene.port), []);
  },
});

/** Sockets and locks that a child of the server has besides its own three files. */
async function socketsOfChild(port: number): Promise<string[]> {
  const { text } = await ask(port, "/child");
  return text.split("\n").filter((file) => /socket|\.lock/.test(file) && parseInt(file) > 2);
}

import { assertEquals, assertFalse } from "@std/assert";
import { processName } from "../../../src/platform/proc.ts";
import type { Instance } from "../../../src/roll/instance.ts";
import type { InstanceRecord } from "../../../src/roll/journal.ts";
import { ProcessRuntime } from "../../../src/runtime/process.ts";
import { endStray, strays } from "../../../src/runtime/strays.ts";
import { linux, needs } from "../../helpers/skip.ts";
import { closePipes, firstLine, freePort, runs, spawn, until } from "../platform/processes.ts";
import { runtimeOptions } from "./runtime_options.ts";

const ON_LINUX = needs(linux());

function recordOf({ key, id, port, pid, birth }: Instance, token: string): InstanceRecord {
  const stage = "current";
  return { key, id, port, pid, birth, token, stage, roll: 1, outlives: true, startedAt: 0 };
}

/** A listener on `port` as a child of its own, by `sh`. */
function listener(port: number): string {
  const script = `Deno.listen({ hostname: "127.0.0.1", port: ${port} }); console.log("up")`;
  return `${Deno.execPath()} eval '${script}; setInterval(() => {}, 1e6)'; true`;
}

/** As if children might get this port alone. */
function only(port: number) {
  return { childHost: "127.0.0.1", childPorts: [port] };
}

/** Runs `command` with `token`, and hands over the first thing that it prints. */
async function withProcess(
  command: string,
  token: string,
  work: (said: string) => Promise<void>,
): Promise<void> {
  const group = spawn(command, token);
  try {
    await work(await firstLine(group.stdout!));
  } finally {
    await group.terminate({ signal: "SIGKILL", timeoutMs: 1_000 });
    await closePipes(group);
  }
}

Deno.test({
  name: "what an instance left behind is a stray and can be ended; what belongs to one is not",
  ...ON_LINUX,
  async fn() {
    const runtime = new ProcessRuntime(runtimeOptions({ exec: "exec sleep 600" }));
    const tokens = { living: crypto.randomUUID(), dead: crypto.randomUUID() };
    const port = freePort();
    const living = await runtime.start({ key: "i2", id: "v2", port, token: tokens.living });
    const known = [recordOf(living, tokens.living), {
      ...recordOf(living, tokens.dead),
      key: "i1",
    }];
    await withProcess("echo $$; exec sleep 600", tokens.dead, async (said) => {
      await until(async () => await processName(Number(said)) === "sleep");
      const [stray, ...others] = await strays(known, [living], only(port));
      assertEquals(others, []);
      const { birth: _, ...rest } = stray!;
      const expected = { pid: Number(said), name: "sleep", reason: "left_behind", key: "i1" };
      assertEquals(rest, { ...expected, port: null } as typeof rest);
      assertEquals(await endStray({ ...stray!, birth: "another" }), "already_gone");
      assertEquals(runs(Number(said)), true);
      assertEquals(await endStray(stray!), "stopped");
      assertFalse(runs(Number(said)));
      assertEquals(await endStray(stray!), "already_gone");
      assertEquals(await strays(known, [living], only(port)), []);
    });
    await runtime.stopAll();
  },
});

Deno.test({
  name: "commands that hang beside an instance that is gone are strays of it",
  ...ON_LINUX,
  async fn() {
    const runtime = new ProcessRuntime(runtimeOptions({ exec: "exec sleep 600" }));
    const token = crypto.randomUUID();
    const what = { key: "i1", id: "v1", port: freePort(), token };
    const instance = await runtime.start(what);
    const known = [recordOf(instance, token)];
    const limit = new AbortController();
    const running = runtime.run(instance, "exec sleep 600", limit.signal).catch(() => null);
    const look = () => strays(known, [], only(what.port));
    await until(async () => (await look()).length === 2);
    assertEquals((await look()).map(({ key }) => key), ["i1", "i1"]);
    assertEquals(await strays(known, [instance], only(what.port)), []);
    limit.abort();
    await running;
    await runtime.stopAll();
  },
});

Deno.test({
  name: "a stranger on a port of the children is in the way, and is never ended",
  ...ON_LINUX,
  async fn() {
    const port = freePort();
    await withProcess(listener(port), crypto.randomUUID(), async () => {
      const [stray] = await strays([], [], only(port));
      assertEquals([stray?.reason, stray?.port, stray?.key], ["in_the_way", port, null]);
      assertEquals(await endStray(stray!), "stranger");
      assertEquals(runs(stray!.pid), true);
      assertEquals(await strays([], [], only(port + 1)), []);
      const seen = async (...childPorts: number[]) => {
        const found = await strays([], [], { childHost: "127.0.0.1", childPorts });
        return found.some((stray) => stray.port === port);
      };
      // The ports of children are no range.
      assertEquals([await seen(port - 1, port + 1), await seen(port + 1, port)], [false, true]);
    });
  },
});

Deno.test({
  name: "whoever listens for a living instance is in nobody's way",
  ...ON_LINUX,
  async fn() {
    const port = freePort();
    const runtime = new ProcessRuntime(
      runtimeOptions({ exec: listener(port), childLogs: "capture" }),
    );
    const token = crypto.randomUUID();
    const instance = await runtime.start({ key: "i1", id: "v1", port, token });
    await until(async () => await runtime.portHolder(port) !== null);
    assertEquals(await strays([recordOf(instance, token)], [instance], only(port)), []);
    await runtime.stopAll();
  },
});

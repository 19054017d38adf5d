import { assert, assertEquals, assertLess } from "@std/assert";
import { Pump, pumpLines } from "../../../src/platform/pump.ts";
import { spawn } from "./processes.ts";

const SETTLE = { idleMs: 100, maxMs: 1_000 };

Deno.test("pumpLines hands out the lines of a child, the last one without a newline too", async () => {
  const group = spawn("printf 'a\\nb'");
  const lines: string[] = [];
  const pump = pumpLines(group.stdout!, (line) => lines.push(line));
  await group.exited;
  await pump.settled(SETTLE);
  await pump.close();
  await group.stderr!.cancel();
  assertEquals(lines, ["a", "b"]);
});

Deno.test("Pump does not wait for an end that a grandchild holds back", async () => {
  const group = spawn("echo last; sleep 60 & exit 3");
  const lines: string[] = [];
  const pump = pumpLines(group.stdout!, (line) => lines.push(line));
  assertEquals((await group.exited).code, 3);
  await pump.settled(SETTLE);
  assertEquals(lines, ["last"]);
  await pump.close();
  await group.stderr!.cancel();
  assertEquals(await group.terminate({ signal: "SIGTERM", timeoutMs: 5_000 }), "stopped");
});

Deno.test("Pump gives a writer that never falls silent only so long", async () => {
  const group = spawn("while :; do echo x; sleep 0.01; done & exit 0");
  const pump = pumpLines(group.stdout!, () => {});
  await group.exited;
  const startedAt = performance.now();
  await pump.settled({ idleMs: 50, maxMs: 300 });
  assertLess(performance.now() - startedAt, 30_000);
  await pump.close();
  await group.stderr!.cancel();
  await group.terminate({ signal: "SIGTERM", timeoutMs: 5_000 });
});

Deno.test("B31c a line of 30 MB without an end leaves the memory flat", async () => {
  const group = spawn("head -c 30000000 /dev/zero | tr '\\0' x");
  let characters = 0;
  let longest = 0;
  const pump = pumpLines(group.stdout!, (line) => {
    characters += line.replace("…", "").length;
    longest = Math.max(longest, line.length);
  });
  const before = Deno.memoryUsage().rss;
  await group.exited;
  await pump.settled({ idleMs: 1_000, maxMs: 10_000 });
  await pump.close();
  await group.stderr!.cancel();
  assertEquals(characters, 30_000_000);
  assert(longest <= 64 * 1024, `${longest} characters in one line`);
  assertLess(Deno.memoryUsage().rss - before, 60_000_000);
});

Deno.test("pumpLines lets others work while a child floods", async () => {
  const group = spawn("yes");
  let lines = 0;
  const pump = pumpLines(group.stdout!, () => lines++);
  const turns: number[] = [];
  while (turns.length < 5) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    turns.push(lines);
  }
  await group.terminate({ signal: "SIGKILL", timeoutMs: 5_000 });
  await pump.close();
  await group.stderr!.cancel();
  const perTurn = turns.map((count, index) => count - (turns[index - 1] ?? 0));
  assert(Math.max(...perTurn) <= 4 * 256, `lines between two turns: ${perTurn}`);
});

Deno.test("Pump ends when its stream fails", async () => {
  let isOver = false;
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("torn")),
  });
  const pump = new Pump(broken, () => {}, () => isOver = true);
  await pump.settled(SETTLE);
  await pump.close();
  assert(isOver);
});

Deno.test("Pump counts what it is still busy with as not yet said", async () => {
  const group = spawn("seq 1 3; sleep 600 & exit 0");
  const { promise: handled, resolve: handle } = Promise.withResolvers<void>();
  const pump = new Pump(group.stdout!, () => handled);
  await group.exited;
  let isSettled = false;
  const settled = pump.settled({ idleMs: 1, maxMs: 60_000 }).then(() => isSettled = true);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(isSettled, false);
  handle();
  await settled;
  await pump.close();
  await group.stderr!.cancel();
  await group.terminate({ signal: "SIGTERM", timeoutMs: 5_000 });
});

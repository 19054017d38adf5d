import { assertEquals, assertRejects } from "@std/assert";
import { EngineError } from "../../../../src/container/engine/engine_error.ts";
import { runOnce } from "../../../../src/runtime/container/one_shot.ts";
import { FakeEngine } from "../../../helpers/fake_engine.ts";

const NEVER = new AbortController().signal;

function shot(engine: FakeEngine, signal = NEVER, timeoutMs = 60_000) {
  const lines: string[] = [];
  const body = { Image: "web", Cmd: ["migrate"] };
  const onLine = (line: string) => void lines.push(line);
  const end = runOnce(engine.engine, { name: "web-migrate", body, timeoutMs, onLine }, signal);
  return { end, lines };
}

Deno.test("a container does one thing, is heard to the last word, and is gone", async () => {
  const fake = new FakeEngine();
  fake.onStart = (one) => {
    one.print("first");
    one.print("no end of line", { isCut: true });
    one.end(3);
  };
  const { end, lines } = shot(fake);
  const { code, lastLines } = await end;
  assertEquals([code, lastLines, lines], [3, ["first", "no end of line"], lastLines]);
  assertEquals(fake.names, []);
});

Deno.test("one that prints to where nothing can be read is no failure", async () => {
  const fake = new FakeEngine();
  fake.onStart = (one) => void setTimeout(() => one.end(0), 1);
  fake.before = (call) => {
    if (call !== "follow" && call !== "logs") return;
    throw new EngineError("read logs", "failed", "the log driver cannot be read", 500);
  };
  const { code, lastLines } = await shot(fake).end;
  assertEquals([code, lastLines], [0, []]);
});

Deno.test("one that takes too long is removed", async () => {
  const fake = new FakeEngine();
  await assertRejects(() => shot(fake, NEVER, 20).end, Error, "it took longer than 0.02 s");
  assertEquals(fake.names, []);
});

Deno.test("one that is called off is removed", async () => {
  const fake = new FakeEngine();
  const abort = new AbortController();
  fake.onStart = () => void setTimeout(() => abort.abort(new Error("stopping")), 1);
  await assertRejects(() => shot(fake, abort.signal).end, Error, "stopping");
  assertEquals(fake.names, []);
});

Deno.test("one whose engine goes away meanwhile is removed when it is back", async () => {
  const fake = new FakeEngine();
  fake.onStart = () => {
    setTimeout(() => fake.goAway(), 1);
    setTimeout(() => fake.comeBack(), 20);
  };
  await assertRejects(() => shot(fake).end, Error, "away");
  assertEquals(fake.names, []);
});

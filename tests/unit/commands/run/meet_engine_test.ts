import { assertEquals, assertRejects } from "@std/assert";
import { meetEngine } from "../../../../src/commands/run/meet_engine.ts";
import {
  EngineError,
  EngineUnreachableError,
} from "../../../../src/container/engine/engine_error.ts";
import { FakeEngine, VERSION } from "../../container/engine/fake_engine.ts";

const FAILS = { status: 500, text: '{"message":"not yet"}' };

Deno.test("an engine that does not do its work yet is waited for", async () => {
  let asked = 0;
  await using fake = new FakeEngine({
    "GET /version": () => ++asked === 1 ? FAILS : JSON.stringify(VERSION),
  });
  using engine = await meetEngine(fake.socket);
  assertEquals([asked, engine.version?.version], [2, VERSION.Version]);
});

Deno.test("one that never does is met later, where something may run there", async () => {
  let isWell = false;
  await using fake = new FakeEngine({
    "GET /version": () => isWell ? JSON.stringify(VERSION) : FAILS,
    "GET /info": "{}",
  });
  const meet = (mayBeAway: boolean) => meetEngine(fake.socket, { mayBeAway, patienceMs: 0 });
  await assertRejects(() => meet(false), EngineError, "not yet");
  using engine = await meet(true);
  isWell = true;
  const signal = AbortSignal.timeout(60_000);
  await engine.ping(signal);
  await engine.info(signal);
  assertEquals(fake.last.version, "1.44");
});

Deno.test("one that is not there at all is no reason to wait where nothing runs", async () => {
  await assertRejects(() => meetEngine("/nowhere", { patienceMs: 0 }), EngineUnreachableError);
});

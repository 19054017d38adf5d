import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Engine } from "../../../../src/container/engine/engine.ts";
import {
  EngineError,
  EngineUnreachableError,
  isNotFound,
} from "../../../../src/container/engine/engine_error.ts";
import { connectFailure } from "../../../../src/container/engine/outage.ts";
import { type Call, Transport } from "../../../../src/container/engine/transport.ts";
import { breakingOff, FakeEngine, VERSION } from "./fake_engine.ts";

const REFUSALS: readonly [status: number, body: string, kind: string, reason: string][] = [
  [404, '{"message":"No such container: app"}', "not_found", "No such container: app"],
  [409, '{"message":"name is in use"}\n', "conflict", "name is in use"],
  [400, '{"cause":"x","message":"bad\\nparameter","response":400}', "invalid", "bad parameter"],
  [401, '{"message":"no"}', "unauthorized", "no"],
  [403, '{"message":"no"}', "unauthorized", "no"],
  [500, "it broke", "failed", "it broke"],
  [503, "", "failed", "HTTP status 503"],
  [
    500,
    '{"message":"Get \\"https://r.example/v2/a?sig=hunter2\\": EOF"}',
    "failed",
    'Get "https://r.example/v2/a": EOF',
  ],
];

for (const [status, text, kind, reason] of REFUSALS) {
  Deno.test(`a refusal says what it is: ${status} ${text.trim()}`, async () => {
    await using fake = new FakeEngine({ "GET /info": { status, text } });
    using engine = await fake.connect();
    const error = await assertRejects(() => engine.info(signal()), EngineError);
    assertEquals([error.kind, error.status, error.reason], [kind, status, reason]);
    assertEquals(error.message, `Cannot ask the engine about its host: ${reason}`);
    assertEquals(isNotFound(error), kind === "not_found");
  });
}

Deno.test("an engine that is not there is absent, and the message says what to do", async () => {
  const connect = () => Engine.connect("/nowhere/docker.sock", signal());
  const error = await assertRejects(connect, EngineUnreachableError, "DOCKER_HOST=unix:///PATH");
  assertEquals(error.outage, "absent");
  assertStringIncludes(error.message, "/nowhere/docker.sock");
});

Deno.test("a file that nobody listens to is no engine", async () => {
  const file = await Deno.makeTempFile({ prefix: "liveroll-engine-" });
  const connect = () => Engine.connect(file, signal());
  const error = await assertRejects(connect, EngineUnreachableError, "nobody listens");
  assertEquals(error.outage, "refused");
  await Deno.remove(file);
});

Deno.test("a socket that we may not use is told from one that is not there", () => {
  const cause = new Error("client error (Connect): Permission denied (os error 13)");
  const error = connectFailure("/run/docker.sock", new TypeError("fetch failed", { cause }));
  assertEquals(error?.outage, "forbidden");
  assertStringIncludes(error?.message ?? "", "permission denied on the engine's socket");
  assertEquals(connectFailure("/run/docker.sock", new Error("connection reset")), null);
});

Deno.test("what is no engine is not taken for one", async () => {
  await using fake = new FakeEngine({ "GET /version": "<html>" });
  const error = await assertRejects(() => fake.connect(), EngineUnreachableError, "is no engine");
  assertEquals(error.outage, "broken");
});

Deno.test("an engine that hangs is silent", async () => {
  const hangs = new ReadableStream<Uint8Array>();
  await using fake = new FakeEngine({ "GET /info": hangs });
  using transport = new Transport(fake.socket);
  const ask = () => transport.ask({ ...call("/info"), timeoutMs: 20 });
  const error = await assertRejects(ask, EngineUnreachableError, "Cannot test: no answer from");
  assertEquals(error.outage, "silent");
});

Deno.test("an answer that breaks off is broken: never half an answer", async () => {
  await using fake = new FakeEngine({ "GET /info": () => breakingOff('{"ID":') });
  using engine = await fake.connect();
  const error = await assertRejects(() => engine.info(signal()), EngineUnreachableError);
  assertEquals(error.outage, "broken");
});

Deno.test("a call that is given up rejects with the reason, before and while it runs", async () => {
  const began = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({ pull: () => began.resolve() });
  await using fake = new FakeEngine({ "GET /info": body });
  using transport = new Transport(fake.socket);
  const abort = new AbortController();
  const running = transport.ask({ ...call("/info"), signal: abort.signal });
  await began.promise;
  const reason = new Error("enough");
  abort.abort(reason);
  assertEquals(await running.catch((error) => error), reason);
  const late = transport.ask({ ...call("/info"), signal: abort.signal });
  assertEquals(await late.catch((error) => error), reason);
});

Deno.test("a stream that is given up is closed at the engine's end, too", async () => {
  const closed = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
    cancel: () => closed.resolve(),
  });
  await using fake = new FakeEngine({ "GET /info": body });
  using transport = new Transport(fake.socket);
  for await (const piece of transport.stream(call("/info"))) {
    assertEquals(new TextDecoder().decode(piece), "first");
    break;
  }
  await closed.promise;
});

Deno.test("calls are in the version that both sides know, and that is asked for again", async () => {
  let ApiVersion = "1.41";
  const version = () => JSON.stringify({ ...VERSION, ApiVersion });
  await using fake = new FakeEngine({ "GET /version": version, "GET /info": "{}" });
  using engine = await fake.connect();
  await engine.info(signal());
  assertEquals(fake.asked.map(({ call, version }) => [call, version]), [
    ["GET /version", ""],
    ["GET /info", "1.41"],
  ]);
  // It was upgraded meanwhile.
  ApiVersion = "1.52";
  assertEquals((await engine.ping(signal())).apiVersion, "1.52");
  await engine.info(signal());
  assertEquals([fake.asked.at(-2)?.version, fake.last.version], ["1.41", "1.44"]);
});

function call(path: string): Call {
  return { what: "test", method: "GET", path, signal: signal() };
}

function signal(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

import { assert, assertEquals, assertRejects } from "@std/assert";
import { callUnary } from "../../../../src/source/grpc/unary_call.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { RudeGrpc, type Rudeness, sending } from "../../../helpers/rude_grpc.ts";

const never = new AbortController().signal;
const EMPTY = new Uint8Array(5);

function call(host: string, signal = never, deadlineMs = 20_000): Promise<Uint8Array> {
  const server = `http://${host}`;
  return callUnary({ server, path: "/a.B/C", message: new Uint8Array([1]), signal, deadlineMs });
}

function only(status: number): Rudeness {
  return (stream) => stream.respond({ ":status": status }, { endStream: true });
}

const RUDE: readonly [string, Rudeness, string, string][] = [
  ["no status at all", sending(EMPTY, {}), "unreachable", "it broke off"],
  ["a status that does not exist", sending(EMPTY, { "grpc-status": "99" }), "invalid", '"99"'],
  ["a status that is no number", sending(EMPTY, { "grpc-status": "x" }), "invalid", '"x"'],
  ["nothing", sending(new Uint8Array()), "invalid", "not one message"],
  ["half a message", sending(new Uint8Array([0, 0, 0, 0, 9, 1])), "invalid", "not one message"],
  ["two messages", sending(new Uint8Array(10)), "invalid", "not one message"],
  ["a packed message", sending(new Uint8Array([1, 0, 0, 0, 0])), "invalid", "not one message"],
  ["2 MB", sending(new Uint8Array(2 << 20)), "invalid", "more than 1048576 bytes"],
  ["404", only(404), "invalid", "it answered 404"],
  ["401", only(401), "unauthorized", "it answered 401"],
  ["503", only(503), "unreachable", "it answered 503"],
  ["a reset", (stream) => stream.close(2), "unreachable", "Cannot"],
  ["a broken connection", (stream) => stream.session?.destroy(), "unreachable", "Cannot"],
];

for (const [what, rudeness, kind, words] of RUDE) {
  Deno.test(`a server that answers with ${what} is an error`, async () => {
    await using server = await RudeGrpc.start(rudeness);
    const error = await assertRejects(() => call(server.host), RegistryError, words);
    assertEquals(error.kind, kind);
  });
}

Deno.test("words of a server are cut, and hold no control characters", async () => {
  const message = "%0a%1b[31m" + "x".repeat(1000) + "%ff%zz";
  await using server = await RudeGrpc.start(
    sending(EMPTY, { "grpc-status": "13", "grpc-message": message }),
  );
  const { message: told } = await assertRejects(() => call(server.host), RegistryError);
  assert(/INTERNAL \(\[31mx+…\)$/.test(told) && told.length < 300, told);
});

Deno.test("a server that hangs is given up at the deadline", async () => {
  await using server = await RudeGrpc.start(() => {});
  const error = await assertRejects(() => call(server.host, never, 50), RegistryError);
  assertEquals([error.kind, /no answer in 0.05 s/.test(error.message)], ["unreachable", true]);
});

Deno.test("a server that hangs in the middle is given up at the deadline", async () => {
  await using server = await RudeGrpc.start((stream) => {
    stream.respond({ ":status": 200 });
    stream.write(new Uint8Array([0, 0]));
  });
  await assertRejects(() => call(server.host, never, 200), RegistryError, "no answer in 0.2 s");
});

Deno.test("a call ends with its signal", async () => {
  const over = new AbortController();
  await using server = await RudeGrpc.start(() => over.abort(new Error("enough")));
  await assertRejects(() => call(server.host, over.signal), Error, "enough");
  await assertRejects(() => call(server.host, over.signal), Error, "enough");
});

Deno.test("a server that is not there, or speaks something else, is unreachable", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${listener.addr.port}`;
  const words = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(1024));
    await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
  })();
  const error = await assertRejects(() => call(host), RegistryError, `of ${host}`);
  assertEquals(error.kind, "unreachable");
  await words;
  listener.close();
  assertEquals((await assertRejects(() => call(host), RegistryError)).kind, "unreachable");
});

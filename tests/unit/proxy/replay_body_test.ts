import { assertEquals, assertThrows } from "@std/assert";
import { ReplayBody } from "../../../src/proxy/replay_body.ts";

type Chunk = Uint8Array<ArrayBuffer>;

function source(...chunks: string[]): ReadableStream<Chunk> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream({
    pull(controller) {
      const chunk = bytes.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

function text(stream: ReadableStream<Chunk>): Promise<string> {
  return new Response(stream).text();
}

/** A source of which nothing arrives before `arrive` is called. */
function slowSource(...chunks: string[]): { slow: ReadableStream<Chunk>; arrive(): void } {
  const { promise: go, resolve: arrive } = Promise.withResolvers<void>();
  const slow = new ReadableStream<Chunk>({
    async pull(controller) {
      await go;
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(new TextEncoder().encode(chunk));
      else controller.close();
    },
  }, { highWaterMark: 0 });
  return { slow, arrive };
}

Deno.test("ReplayBody sends a short body again", async () => {
  const body = new ReplayBody(source("ab", "cd"));
  assertEquals(await text(body.stream()), "abcd");
  assertEquals([body.ended, body.replayable], [true, true]);
  assertEquals(await text(body.stream()), "abcd");
});

Deno.test("ReplayBody goes on from where a failed attempt stopped reading", async () => {
  const body = new ReplayBody(source("ab", "cd"));
  const first = body.stream().getReader();
  await first.read();
  await first.cancel();
  assertEquals(await text(body.stream()), "abcd");
});

Deno.test("ReplayBody loses nothing when an attempt fails while a read is pending", async () => {
  const { slow, arrive } = slowSource("ab", "cd");
  const body = new ReplayBody(slow);
  const first = body.stream().getReader();
  const pending = first.read().catch(() => {});
  await first.cancel();
  const again = text(body.stream());
  arrive();
  await pending;
  assertEquals(await again, "abcd");
});

Deno.test("ReplayBody forgets a long body", async () => {
  const body = new ReplayBody(source("abc", "def"), {}, 4);
  assertEquals(await text(body.stream()), "abcdef");
  assertEquals(body.replayable, false);
  assertThrows(() => body.stream(), Error, "Cannot send the body again");
});

Deno.test("ReplayBody stays replayable for what a client reads before it connects", async () => {
  const body = new ReplayBody(source("x".repeat(200_000)));
  const first = body.stream().getReader();
  await first.read();
  await first.read();
  await first.cancel();
  assertEquals(body.replayable, true);
  assertEquals((await text(body.stream())).length, 200_000);
  assertEquals(body.replayable, false);
});

Deno.test("ReplayBody reads no more from the client than it is asked for", async () => {
  let pulls = 0;
  const endless = new ReadableStream<Chunk>({
    pull(controller) {
      pulls++;
      controller.enqueue(new Uint8Array(10));
    },
  }, { highWaterMark: 0 });
  const body = new ReplayBody(endless);
  const reader = body.stream().getReader();
  assertEquals(pulls, 0);
  await reader.read();
  assertEquals(pulls, 1);
  await body.discard();
});

Deno.test("ReplayBody tells when the client's body breaks", async () => {
  const events: string[] = [];
  const broken = new ReadableStream<Chunk>({
    pull: (controller) => controller.error(new Error("reset")),
  }, { highWaterMark: 0 });
  const body = new ReplayBody(broken, {
    onEnd: () => events.push("end"),
    onBroken: () => events.push("broken"),
  });
  await text(body.stream()).catch(() => {});
  assertEquals([events, body.replayable], [["broken"], false]);
});

Deno.test("ReplayBody.isEmpty() reads ahead and keeps what it read", async () => {
  assertEquals(await new ReplayBody(source()).isEmpty(), true);
  const body = new ReplayBody(source("ab", "cd"));
  assertEquals(await body.isEmpty(), false);
  assertEquals(await text(body.stream()), "abcd");
});

Deno.test("ReplayBody.readAhead() reads no more than can be sent again and loses nothing", async () => {
  const body = new ReplayBody(source(...Array<string>(30).fill("x".repeat(10_000))));
  await body.readAhead();
  assertEquals([body.replayable, body.ended], [true, false]);
  assertEquals((await text(body.stream())).length, 300_000);
});

Deno.test("ReplayBody.readAhead() and a stream share a read that is pending", async () => {
  const { slow, arrive } = slowSource("ab", "cd");
  const body = new ReplayBody(slow);
  const ahead = body.readAhead();
  const sent = text(body.stream());
  arrive();
  assertEquals(await sent, "abcd");
  await ahead;
});

Deno.test("ReplayBody.drain() reads on to the end, whatever a stream had read", async () => {
  let ended = 0;
  const body = new ReplayBody(source("ab", "cd", "ef"), { onEnd: () => ended++ });
  const reader = body.stream().getReader();
  await reader.read();
  await body.drain();
  assertEquals([ended, body.ended, body.replayable], [1, true, false]);
});

Deno.test("ReplayBody.drain() does not read without end", async () => {
  let cancelled = false;
  const endless = new ReadableStream<Chunk>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const body = new ReplayBody(endless);
  await body.drain();
  assertEquals([cancelled, body.ended], [true, false]);
});

Deno.test("ReplayBody.discard() waits for a read that is pending before it cancels", async () => {
  const asked = Promise.withResolvers<void>();
  const { promise: go, resolve: arrive } = Promise.withResolvers<void>();
  const events: string[] = [];
  const slow = new ReadableStream<Chunk>({
    async pull(controller) {
      asked.resolve();
      await go;
      events.push("read");
      controller.enqueue(new Uint8Array(1));
    },
    cancel: () => void events.push("cancel"),
  }, { highWaterMark: 0 });
  const body = new ReplayBody(slow);
  const pending = body.stream().getReader().read().catch(() => {});
  await asked.promise;
  const discarded = body.discard();
  arrive();
  await discarded;
  await pending;
  assertEquals(events, ["read", "cancel"]);
});

Deno.test("ReplayBody tells a stream's owner when the client is waited for", async () => {
  const waits: boolean[] = [];
  const body = new ReplayBody(source("ab"));
  await text(body.stream((waiting) => waits.push(waiting)));
  assertEquals(waits, [true, false, true, false]);
  await text(body.stream((waiting) => waits.push(waiting)));
  assertEquals(waits.slice(4), [true, false], "what was kept is not waited for");
});

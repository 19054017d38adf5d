import { assertEquals, assertRejects } from "@std/assert";
import { readBody } from "../../../src/control/body.ts";
import { BodyRoom } from "../../../src/control/body_room.ts";
import { Problem } from "../../../src/control/problem.ts";
import type { Call } from "../../../src/control/route.ts";
import { ManualClock, settled } from "../proxy/manual_clock.ts";

/** Only what reading a body needs. */
function callOf(body: BodyInit, bodyRoom: BodyRoom): Call {
  const request = new Request("http://localhost", { method: "POST", body });
  const cut = new AbortController().signal;
  return { request, clock: new ManualClock(), cut, bodyRoom } as Partial<Call> as Call;
}

Deno.test("bodies on their way share their room, and give it back", async () => {
  const room = new BodyRoom(10);
  const slow = new TransformStream<Uint8Array<ArrayBuffer>>();
  const first = readBody(callOf(slow.readable, room));
  const writer = slow.writable.getWriter();
  await writer.write(new Uint8Array(8));
  await settled();
  const second = () => readBody(callOf("abc", room));
  await assertRejects(second, Problem, "Too many long bodies are on their way; try again");
  await writer.close();
  assertEquals((await first).length, 8);
  assertEquals((await second()).length, 3);
});

Deno.test("a body that breaks off or is too long gives its room back", async () => {
  const room = new BodyRoom(10);
  const slow = new TransformStream<Uint8Array<ArrayBuffer>>();
  const first = readBody(callOf(slow.readable, room));
  const writer = slow.writable.getWriter();
  await writer.write(new Uint8Array(8));
  await writer.abort(new Error("gone")).catch(() => {});
  await assertRejects(() => first, Error, "gone");
  await assertRejects(() => readBody(callOf("abcd", room), 3), Problem, "longer");
  assertEquals((await readBody(callOf("0123456789", room))).length, 10);
});

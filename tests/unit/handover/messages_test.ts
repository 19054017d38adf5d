import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  encodeMessage,
  type HandoverMessage,
  MAX_MESSAGE_BYTES,
  MessageReader,
} from "../../../src/handover/messages.ts";

const place = { hostname: fc.string(), port: fc.nat(65_535) };
const socket = fc.record({
  name: fc.string({ unit: "binary" }),
  ...place,
  asked: fc.record(place),
  activated: fc.constant(true as const),
}, { requiredKeys: ["name", "hostname", "port"] });
const message: fc.Arbitrary<HandoverMessage> = fc.oneof(
  fc.record({
    type: fc.constant("FDS" as const),
    id: fc.string(),
    service: fc.string(),
    sockets: fc.array(socket, { maxLength: 5 }),
  }, { requiredKeys: ["type", "id", "sockets"] }),
  fc.record({ type: fc.constant("READY" as const), id: fc.string({ unit: "binary" }) }),
  fc.constantFrom({ type: "PAUSED" as const }, { type: "SERVING" as const }),
);

function line(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

Deno.test("messages come out as they went in, whatever pieces they arrive in", () => {
  fc.assert(fc.property(fc.array(message), fc.integer({ min: 1, max: 50 }), (messages, size) => {
    const bytes = new Uint8Array(messages.flatMap((message) => [...encodeMessage(message)]));
    const reader = new MessageReader();
    const read: HandoverMessage[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      read.push(...reader.push(bytes.subarray(at, at + size)));
    }
    assertEquals(read, messages);
  }));
});

Deno.test("every message tells the version of the protocol", () => {
  const text = new TextDecoder().decode(encodeMessage({ type: "READY", id: "b" }));
  assertEquals(text, '{"type":"READY","version":1,"id":"b"}\n');
});

Deno.test("what a later version adds is ignored", () => {
  const sockets = [{ name: "http", hostname: "::", port: 80, kind: "listener", backlog: 9 }];
  const later = line({ type: "FDS", version: 7, id: "z", pid: 12, sockets, state: { a: [1] } });
  assertEquals(new MessageReader().push(later), [
    { type: "FDS", id: "z", sockets: [{ name: "http", hostname: "::", port: 80 }] },
  ]);
});

Deno.test("what is no message is refused, with the reason", () => {
  const cases: [unknown, string][] = [
    [7, "it is no object"],
    [null, "it is no object"],
    [{ type: "READY", id: "a" }, "it has no version"],
    [{ type: "READY", version: "1", id: "a" }, "it has no version"],
    [{ type: "READY", version: 0, id: "a" }, "it has no version"],
    [{ type: "READY", version: 1 }, "its id is no text"],
    [{ type: "BOO", version: 1 }, 'its type is "BOO"'],
    [{ type: "FDS", version: 1, id: "a" }, "it has no sockets"],
    [{ type: "FDS", version: 1, id: "a", sockets: [1] }, "it is no object"],
    [{ type: "FDS", version: 1, id: "a", sockets: [{ name: "a", hostname: "b" }] }, "no port"],
    [
      { type: "FDS", version: 1, id: "a", sockets: [{ hostname: "b", port: 1 }] },
      "its name is no text",
    ],
  ];
  for (const [value, why] of cases) {
    assertThrows(() => new MessageReader().push(line(value)), TypeError, why);
  }
  assertThrows(
    () => new MessageReader().push(new TextEncoder().encode("GET / HTTP/1.1\r\n")),
    TypeError,
    "Cannot read a message of the hand-over",
  );
  assertThrows(() => new MessageReader().push(new Uint8Array([0xff, 10])), TypeError);
});

Deno.test("a line that does not end is refused", () => {
  const reader = new MessageReader();
  reader.push(new Uint8Array(MAX_MESSAGE_BYTES));
  assertThrows(() => reader.push(new Uint8Array(1)), TypeError, "it does not end");
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ROLL_OUTCOMES, type RollEvent } from "../../../src/roll/events.ts";
import { Requests } from "../../../src/roll/requests.ts";

function setUp() {
  const events: RollEvent[] = [];
  const requests = new Requests((event) => events.push(event));
  return { events, requests };
}

Deno.test("requests are numbered from one, and stand open until they end", () => {
  const { requests, events } = setUp();
  assertEquals([requests.open(), requests.open()], [1, 2]);
  assertEquals(requests.get(2), { request: 2, outcome: null, roll: null, detail: "" });
  assertEquals(events, []);
});

for (const outcome of [...ROLL_OUTCOMES, "unchanged", "refused"] as const) {
  Deno.test(`a request that ends as ${outcome} is told with its roll, and remembered`, () => {
    const { requests, events } = setUp();
    const request = requests.open();
    requests.attach(request, 7);
    requests.end(request, outcome, "because");
    assertEquals(events, [
      { type: "request.ended", request, outcome, roll: 7, detail: "because" },
    ]);
    assertEquals(requests.get(request), { request, outcome, roll: 7, detail: "because" });
  });
}

Deno.test("a second end is not told and changes nothing", () => {
  const { requests, events } = setUp();
  const request = requests.open();
  requests.end(request, "failed", "the first word");
  requests.end(request, "succeeded", "the second word");
  assertEquals(requests.get(request)?.detail, "the first word");
  assertEquals(events.length, 1);
});

Deno.test("nobody's and unknown requests may be attached and ended without harm", () => {
  const { requests, events } = setUp();
  for (const request of [null, 17]) {
    requests.attach(request, 1);
    requests.end(request, "failed", "");
  }
  assertEquals([events, requests.get(17)], [[], null]);
});

Deno.test("at the end of everything all that is open ends, and only that", () => {
  const { requests, events } = setUp();
  for (let i = 0; i < 3; i++) requests.open();
  requests.end(2, "succeeded", "");
  requests.endAll("interrupted", "liveroll has stopped");
  const told = events.map((event) => event.type === "request.ended" ? event.request : event.type);
  assertEquals(told, [2, 1, 3]);
  assertEquals(requests.get(2)?.outcome, "succeeded");
});

Deno.test("a hundred are remembered: the oldest that has ended is forgotten first", () => {
  const { requests } = setUp();
  for (let i = 0; i < 100; i++) requests.open();
  for (const ended of [5, 3]) requests.end(ended, "succeeded", "");
  requests.open();
  assertEquals([requests.get(3), requests.get(5)?.request], [null, 5]);
  requests.open();
  assertEquals([requests.get(5), requests.get(1)?.request], [null, 1]);
});

Deno.test("what is still open is never forgotten, however many there are", () => {
  const { requests } = setUp();
  for (let i = 0; i < 250; i++) requests.open();
  assertEquals(requests.get(1)?.outcome, null);
  requests.end(1, "succeeded", "at last");
  assertEquals(requests.get(1)?.detail, "at last");
});

Deno.test("whatever is done to them, each request is told to have ended exactly once", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("open" as const) }),
    fc.record({ do: fc.constant("attach" as const), request: fc.nat(12), roll: fc.nat(5) }),
    fc.record({
      do: fc.constant("end" as const),
      request: fc.nat(12),
      outcome: fc.constantFrom(...ROLL_OUTCOMES),
    }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { requests, events } = setUp();
    let opened = 0;
    for (const one of steps) {
      if (one.do === "open") opened = requests.open();
      if (one.do === "attach") requests.attach(one.request, one.roll);
      if (one.do === "end") requests.end(one.request, one.outcome, "");
    }
    requests.endAll("interrupted", "");
    requests.endAll("failed", "");
    const told = events.flatMap((event) => event.type === "request.ended" ? [event.request] : []);
    const all = Array.from({ length: opened }, (_, index) => index + 1);
    assertEquals(told.toSorted((a, b) => a - b), all);
  }));
});

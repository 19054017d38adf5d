import { assertEquals } from "@std/assert";
import { eventLine, statusLine, summary } from "../../../../scripts/demo/plain.ts";
import { release } from "../../../../scripts/demo/releases.ts";
import {
  after,
  BAD_VERSION,
  FIRST_START,
  instance,
  SECOND_VERSION,
  start,
  then,
} from "./inputs.ts";

Deno.test("each piece of news is one line with its time", () => {
  const line = eventLine(start(), {
    kind: "event",
    at: 65_000,
    event: { type: "roll.switched", roll: 1, instance: instance(1), from: null },
  });
  assertEquals(line, "1:05  all requests go to v1 now");
});

Deno.test("what is no news gives no line", () => {
  const probe = { type: "probe.failed", instance: instance(1), detail: "status 503" } as const;
  assertEquals(eventLine(start(), { kind: "event", at: 1, event: probe }), null);
  assertEquals(eventLine(start(), { kind: "pulled", at: 1 }), null);
});

Deno.test("a request that was cut is told as bad news", () => {
  const event = {
    type: "drained",
    instance: instance(1),
    finished: 1,
    cut: 2,
    durationMs: 5,
  } as const;
  const { news } = after([10, event]);
  assertEquals(news, [{
    at: 10,
    tone: "bad",
    text: "v1 has finished 1 open request, 2 were cut",
  }]);
});

Deno.test("the status line says who serves and how it goes", () => {
  const sample = { at: 1_600, ok: true, version: "v1", firstByteMs: 1.25 } as const;
  const model = then(after(...FIRST_START), { kind: "sample", sample });
  assertEquals(
    statusLine(model, 3_000),
    "0:03  v1 serves: 1 ok, 0 failed, 0/s, first byte p50 1.3 ms, p99 1.3 ms",
  );
  assertEquals(statusLine(start(), 0), "0:00  nobody serves: 0 ok, 0 failed, 0/s");
});

Deno.test("the summary counts rolls, refusals and requests, and names failures", () => {
  const model = after(...FIRST_START, ...SECOND_VERSION, ...BAD_VERSION);
  assertEquals(summary(model), "1 roll, 1 bad version refused, 0 requests, 0 failed");
  const failed = { at: 1, ok: false, detail: "/: status 502" } as const;
  assertEquals(
    summary(then(model, { kind: "sample", sample: failed })),
    "1 roll, 1 bad version refused, 1 request, 1 failed\n  failed: /: status 502",
  );
});

Deno.test("one release in four is broken, in turn of either kind", () => {
  const faults = Array.from({ length: 12 }, (_, index) => release(index + 1).fault);
  const good = [null, null];
  assertEquals(faults, [...good, "crash", null, ...good, "sick", null, ...good, "crash", null]);
});

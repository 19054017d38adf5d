import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import { startProxy } from "../rig.ts";
import { converse } from "./conversation.ts";
import { Recorder } from "./recorder.ts";
import type { Message } from "./request_case.ts";

const RUNS = 150;
const SEED = 20_261_121;

/** A request, as bytes and as what they mean. */
interface Ask extends Message {
  readonly bytes: string;
}

const byteString = (maxLength: number) =>
  fc.string({
    maxLength,
    unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
  });

const method = fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "QUERY");
const target = fc.stringMatching(/^\/[a-z0-9%/?&=.]{0,30}$/);
const field = fc.tuple(
  fc.stringMatching(/^X-[A-Za-z0-9_]{1,12}$/),
  fc.stringMatching(/^([!-~\x80-\xff]([ -~]{0,20}[!-~])?)?$/),
).map(([name, value]) => `${name}: ${value}`);
const fields = fc.array(field, { maxLength: 5 });

const bodies = fc.oneof(
  fc.constant({ lines: [] as string[], wire: "", body: "" }),
  byteString(2000).map((body) => ({ lines: [`Content-Length: ${body.length}`], wire: body, body })),
  fc.tuple(
    fc.array(byteString(700).filter((piece) => piece !== ""), { maxLength: 5 }),
    fc.constantFrom("", ";a", ";a=b;c"),
    fields,
  ).map(([pieces, extension, trailers]) => ({
    lines: ["Transfer-Encoding: chunked"],
    wire:
      pieces.map((piece) => `${piece.length.toString(16)}${extension}\r\n${piece}\r\n`).join("") +
      ["0", ...trailers, "", ""].join("\r\n"),
    body: pieces.join(""),
  })),
);

const ask = fc.tuple(method, target, fields, bodies, fc.constantFrom("", "", "", "\r\n")).map((
  [method, target, fields, { lines, wire, body }, before],
): Ask => {
  const head = [`${method} ${target} HTTP/1.1`, "Host: a.example", ...fields, ...lines, "", ""];
  return { method, target, body, bytes: before + head.join("\r\n") + wire };
});

const LAST = "GET /last HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

/** Requests, and where their bytes are cut. */
const conversation = fc.array(ask, { minLength: 1, maxLength: 6 }).chain((asks) => {
  const bytes = asks.map((one) => one.bytes).join("") + LAST;
  const cut = fc.integer({ min: 1, max: bytes.length - 1 });
  return fc.record({
    asks: fc.constant(asks),
    bytes: fc.constant(bytes),
    cuts: fc.uniqueArray(cut, { maxLength: 15 }).map((cuts) => cuts.toSorted((a, b) => a - b)),
  });
});

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  // Deno's `fetch` writes requests of its own; there is nothing to compare byte by byte.
  if (engine === "fetch" || engine as string === "tcp") continue;
  Deno.test(`item 5 item 13 item 14 item 34 item 61 [${engine}] any split into packets gives the same bytes on both sides`, async () => {
    await using recorder = new Recorder();
    const proxy = startProxy({ engine });
    proxy.replace([{ key: "a", host: "127.0.0.1", port: recorder.port, alive: () => true }]);
    const run = async (bytes: string, cuts: readonly number[]) => {
      recorder.wire = "";
      recorder.records.length = 0;
      const answers = await converse(proxy.port, bytes, cuts);
      const seen = recorder.records.map(({ method, target, body }) => ({ method, target, body }));
      return { answers, seen, wire: recorder.wire };
    };
    const property = fc.asyncProperty(conversation, async ({ asks, bytes, cuts }) => {
      const whole = await run(bytes, []);
      const meant = asks.map(({ method, target, body }) => ({ method, target, body }));
      assertEquals(whole.seen, [...meant, { method: "GET", target: "/last", body: "" }]);
      assertEquals(await run(bytes, cuts), whole);
    });
    try {
      await fc.assert(property, { numRuns: RUNS, seed: SEED });
    } finally {
      await proxy.shutdown({ drainTimeoutMs: 1000 });
    }
    assertEquals(recorder.faults, []);
  });
}

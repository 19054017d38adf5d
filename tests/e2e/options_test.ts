import { assert, assertEquals, assertMatch } from "@std/assert";
import { poll } from "../../src/platform/poll.ts";
import { PATIENCE_MS } from "../helpers/event_log.ts";
import { withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { Latch } from "../helpers/latch.ts";

type HeaderLines = [string, string][];

function forwardedFor(answer: string): string | undefined {
  const { headers } = JSON.parse(answer) as { headers: HeaderLines };
  return new Map(headers).get("x-forwarded-for");
}

const CLAIM = { headers: { "x-forwarded-for": "203.0.113.9" } };

Deno.test("K36 --trusted-proxies is empty by default: what clients claim is replaced", () =>
  withLiveroll({}, async (liveroll) => {
    const { text } = await liveroll.ask("/headers", CLAIM);
    assertEquals(forwardedFor(text), "127.0.0.1");
  }));

Deno.test("K37 --trusted-proxies lets them add to what they were told", () =>
  withLiveroll({ flags: { "trusted-proxies": "10.0.0.0/8,127.0.0.0/8" } }, async (liveroll) => {
    const { text } = await liveroll.ask("/headers", CLAIM);
    assertEquals(forwardedFor(text), "203.0.113.9, 127.0.0.1");
  }));

Deno.test("--retry-status repeats what the application answered with it", () => {
  const flags = { "health-status": "200-599", "retry-status": "500" };
  // The gate takes the first answer, 500 or not; the next two come through the proxy.
  return withLiveroll({ flags, behaviour: { health: { failFirst: 3 } } }, async (liveroll) => {
    assertEquals((await liveroll.ask("/healthz")).status, 200);
  });
});

Deno.test("--response-head-timeout ends the wait for an answer with 504", () =>
  withLiveroll({ flags: { "response-head-timeout": "200ms" } }, async (liveroll) => {
    using latch = new Latch();
    const { status } = await liveroll.ask(latch.path());
    assertEquals(status, 504);
  }));

Deno.test("--queue-limit bounds how many requests may wait", () =>
  withStarting({ version: null, flags: { "queue-limit": "1" } }, async (liveroll) => {
    await liveroll.waitForText("Listening");
    const first = liveroll.ask();
    const second = liveroll.ask();
    const { status, headers } = await Promise.race([first, second]);
    assertEquals([status, headers.get("retry-after")], [503, "1"]);
    liveroll.publish("v1");
    liveroll.signal("SIGHUP");
    const statuses = (await Promise.all([first, second])).map((answer) => answer.status);
    assertEquals(statuses.sort(), [200, 503]);
  }));

Deno.test("--id-timeout ends an id command that hangs, and nothing else happens", () =>
  withStarting({ flags: { id: "exec sleep 600", "id-timeout": "200ms" } }, async (liveroll) => {
    const { step } = await liveroll.waitFor("check.failed");
    assertEquals(step, "id");
    assertEquals(liveroll.children().size, 0);
  }));

Deno.test("--health-successes asks for so many good answers, --health-interval apart", () =>
  withLiveroll(
    { flags: { "health-successes": "4", "health-interval": "10ms" } },
    async (liveroll) => {
      const { count } = JSON.parse((await liveroll.ask("/probes")).text);
      assertEquals(count, 4);
    },
  ));

for (
  const [format, pattern] of [
    ["text", /^\d{4}-\S+Z INFO {2}main: Listening on 127\.0\.0\.1:\d+$/],
    ["journald", /^<6>main: Listening on 127\.0\.0\.1:\d+$/],
    ["json", /^\{"time":.*"event":"listening"/],
  ] as const
) {
  Deno.test(`--log-format ${format} is what is written`, () =>
    withStarting({ flags: { "log-format": format } }, async (liveroll) => {
      const { text } = await liveroll.waitForText("Listening on");
      assertMatch(text, pattern);
    }));
}

Deno.test("--log-level warn says nothing of a good start", () =>
  withStarting({ flags: { "log-level": "warn", "log-format": "text" } }, async (liveroll) => {
    const serves = () => liveroll.ask().then(({ text }) => text === "v1", () => false);
    assert(await poll(serves, { timeoutMs: PATIENCE_MS }));
    assert(liveroll.log.lines.every(({ text }) => text.trim() === ""));
  }));

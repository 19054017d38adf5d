import { assertEquals, assertRejects } from "@std/assert";
import { EventLog } from "../helpers/event_log.ts";
import { inTime } from "../helpers/in_time.ts";
import { Load } from "../helpers/load.ts";
import { showingLog } from "../helpers/showing_logs.ts";

/** Answers the first request of each connection as told, in the order of the connections. */
async function serveRaw(listener: Deno.Listener, behaviours: string[]): Promise<void> {
  for (const behaviour of behaviours) {
    using conn = await listener.accept();
    const bytes = new Uint8Array(4_096);
    const request = new TextDecoder().decode(bytes.subarray(0, await conn.read(bytes) ?? 0));
    const nonce = /x-nonce: (\S+)/.exec(request)?.[1] ?? "";
    const answer = behaviour.replace("NONCE", nonce).replaceAll("\n", "\r\n");
    if (answer !== "") await conn.write(new TextEncoder().encode(answer));
  }
}

Deno.test("the load client tells an idle connection that was closed from a failed request", async () => {
  const head = "HTTP/1.1 200 OK\nx-version: v1\nx-nonce: NONCE\ncontent-length: 2\n\n";
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using load = new Load(listener.addr.port, { keepAlive: 1, fresh: 0, pauseMs: 50 });
  await serveRaw(listener, [
    `${head}v1`,
    "",
    `${head}v`,
    "HTTP/1.1 503 Unavailable\ncontent-length: 0\n\n",
    `${head.replace("NONCE", "another")}v1`,
    `${head}v2`,
    `${head.replace("v1", "v2")}v2`,
  ]);
  await load.sees("v2");
  listener.close();
  const { failed, ok, closedIdle } = await load.stop();
  const kinds = failed.map(({ kind }) => kind).filter((kind) => kind !== "connect");
  assertEquals(kinds, [
    "closed_before_head",
    "truncated_body",
    "status",
    "wrong_answer",
    "wrong_answer",
  ]);
  assertEquals(ok, 2);
  assertEquals(closedIdle >= 1, true);
});

Deno.test("an error tells what cleaning up said, and the last of the log", async () => {
  const log = new EventLog();
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join("");
  const line = JSON.stringify({ time: "2026-01-01T01:02:03Z", level: "info", message: "bye" });
  const text = new Blob([`${lines}${line}\n`]).stream();
  await log.follow(text, new AbortController().signal);
  const failing = showingLog({ pid: 7, log }, async () => {
    await using _parts = { [Symbol.asyncDispose]: () => Promise.reject(new Error("no end")) };
    await Promise.reject(new DOMException("no beginning", "TimeoutError"));
  }, "part one");
  const { message } = await assertRejects(() => failing, Error);
  assertEquals(message.split("\n").toSpliced(4, 30), [
    "part one: TimeoutError: no beginning",
    "--- and cleaning up: no end",
    "--- log of liveroll 7 ---",
    "… 9 lines …",
    "line 39",
    "01:02:03Z info bye",
  ]);
});

Deno.test("who waits for what does not come learns what there is instead", async () => {
  const never = new Promise(() => {});
  await assertRejects(
    () => inTime("rain", never, { timeoutMs: 1, soFar: () => "sun" }),
    Error,
    "Cannot see rain: 1 ms were not enough; so far:\nsun",
  );
});

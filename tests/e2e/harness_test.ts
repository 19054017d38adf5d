import { assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { EventLog } from "../helpers/event_log.ts";
import { inTime } from "../helpers/in_time.ts";
import { Load } from "../helpers/load.ts";
import { signal } from "../helpers/proc.ts";
import { showingLog } from "../helpers/showing_logs.ts";
import { together } from "../helpers/together.ts";

const CLIENTS = 4;

/** Answers the first request of each connection as told, in the order of the connections. */
async function serveRaw(listener: Deno.Listener, behaviours: string[]): Promise<void> {
  for (const behaviour of behaviours) {
    using conn = await listener.accept();
    await answerOne(conn, behaviour);
  }
}

/** A connection of each client, on which all is answered until it is closed. */
async function acceptAll(listener: Deno.Listener, behaviour: string) {
  const conns: Deno.Conn[] = [];
  const answered: Promise<void>[] = [];
  while (conns.length < CLIENTS) {
    const conn = await listener.accept();
    conns.push(conn);
    answered.push(answerAll(conn, behaviour));
  }
  return {
    close: async () => {
      for (const conn of conns) conn.close();
      await Promise.all(answered);
    },
  };
}

/** Answers until the other side, or this one, closes the connection. */
async function answerAll(conn: Deno.Conn, behaviour: string): Promise<void> {
  while (await answerOne(conn, behaviour).catch(() => false));
}

/** @returns Whether there was a request. */
async function answerOne(conn: Deno.Conn, behaviour: string): Promise<boolean> {
  const bytes = new Uint8Array(4_096);
  const length = await conn.read(bytes);
  const request = new TextDecoder().decode(bytes.subarray(0, length ?? 0));
  const nonce = /x-nonce: (\S+)/.exec(request)?.[1] ?? "";
  const answer = behaviour.replace("NONCE", nonce).replaceAll("\n", "\r\n");
  if (answer !== "") await conn.write(new TextEncoder().encode(answer));
  return length !== null;
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

Deno.test("a load client that was held up in its pause sends nothing on what was closed meanwhile", async () => {
  const answer =
    "HTTP/1.1 200 OK\nx-version: VERSION\nx-nonce: NONCE\ncontent-length: 2\n\nVERSION";
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pauseMs = 100;
  await using load = new Load(listener.addr.port, { keepAlive: CLIENTS, fresh: 0, pauseMs });
  const first = await acceptAll(listener, answer.replaceAll("VERSION", "v1"));
  await load.sees("v1");
  // By then they pause.
  await delay(pauseMs / 2);
  for (const pid of load.pids) signal(pid, "SIGSTOP");
  // What they have asked by now is answered: a test that is held up itself proves nothing.
  await delay(pauseMs);
  await delay(0);
  await first.close();
  await delay(pauseMs);
  for (const pid of load.pids) signal(pid, "SIGCONT");
  const next = await acceptAll(listener, answer.replaceAll("VERSION", "v2"));
  await load.sees("v2");
  const { failed, closedIdle } = await load.stop();
  await next.close();
  assertEquals(failed, []);
  assertEquals(closedIdle, CLIENTS);
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

Deno.test("what is proven at the same time fails by name, when everything has ended", async () => {
  let ended = 0;
  const end = async () => {
    await delay(10);
    ended++;
  };
  const fail = () => Promise.reject(new Error("no"));
  await together({ one: end, two: end });
  await assertRejects(() => together({ one: end, two: fail, three: end }), Error, "two: no");
  assertEquals(ended, 4);
});

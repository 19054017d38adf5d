import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  ConnectionLostError,
  NoAnswerError,
  NotRunningError,
  RefusedError,
} from "../../../../src/control/client/errors.ts";
import { ControlClient } from "../../../../src/control/client/control_client.ts";

interface Heard {
  readonly requests: string[];
}

/** Answers every connection on a socket with `answer`, raw; null: says nothing, keeps it open. */
async function withServer(
  answer: string | null,
  work: (path: string, heard: Heard) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/control.sock`;
  const listener = Deno.listen({ transport: "unix", path });
  const heard: Heard = { requests: [] };
  const open: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      const bytes = new Uint8Array(4096);
      const length = await connection.read(bytes);
      heard.requests.push(new TextDecoder().decode(bytes.subarray(0, length ?? 0)));
      open.push(connection);
      if (answer === null) continue;
      await connection.write(new TextEncoder().encode(answer));
      open.pop()?.close();
    }
  })();
  try {
    await work(path, heard);
  } finally {
    listener.close();
    await serving;
    for (const connection of open) connection.close();
    await Deno.remove(directory, { recursive: true });
  }
}

function http(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

Deno.test("an order is never sent twice, even if the connection breaks", async () => {
  await withServer("", async (path, { requests }) => {
    using client = new ControlClient({ kind: "socket", path });
    await assertRejects(() => client.order({ kind: "retry" }), ConnectionLostError, "broke");
    assertEquals(requests.length, 1);
    assertMatch(requests[0] ?? "", /^POST \S*\/v1\/retry HTTP\/1\.1\r\n/);
  });
});

Deno.test("what answers but is not liveroll is told as that", async () => {
  for (const answer of [http("200 OK", "<html>"), http("502 Bad Gateway", "<html>")]) {
    await withServer(answer, async (path) => {
      using client = new ControlClient({ kind: "socket", path });
      await assertRejects(() => client.status(), ConnectionLostError, "not liveroll's API");
    });
  }
});

Deno.test("who does not answer is not waited for", async () => {
  await withServer(null, async (path) => {
    using client = new ControlClient({ kind: "socket", path });
    const error = await assertRejects(() => client.status({ timeoutMs: 20 }), NoAnswerError);
    assertEquals(error.message, `no answer from ${path} in 0.02s`);
  });
});

Deno.test("a body that does not end is not waited for, nor a stream when its signal aborts", async () => {
  await withServer(null, async () => {
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
      return new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array([123])) }));
    });
    using client = new ControlClient({
      kind: "url",
      url: `http://127.0.0.1:${server.addr.port}`,
      token: null,
    });
    await assertRejects(() => client.status({ timeoutMs: 50 }), NoAnswerError);
    const abandon = new AbortController();
    const reading = Array.fromAsync(client.events(abandon.signal));
    abandon.abort(new Error("enough"));
    await assertRejects(() => reading, Error, "enough");
    await server.shutdown();
  });
});

Deno.test("who stops listening while somebody connects does not run", async () => {
  const { fetch } = globalThis;
  const cause = new Error("client error (Connect): Connection reset by peer (os error 104)");
  globalThis.fetch = () => Promise.reject(new TypeError("error sending request", { cause }));
  try {
    using client = new ControlClient({ kind: "socket", path: "/tmp/liveroll/control.sock" });
    await assertRejects(() => client.status(), NotRunningError, "nobody listens on");
  } finally {
    globalThis.fetch = fetch;
  }
});

Deno.test("a path that no socket can have is told as that", async () => {
  const path = `/tmp/${"x".repeat(200)}/control.sock`;
  using client = new ControlClient({ kind: "socket", path });
  await assertRejects(() => client.status(), Error, "Cannot connect to");
});

Deno.test("a token goes to an address, and a refusal comes back", async () => {
  let authorization: string | null = null;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    authorization = request.headers.get("authorization");
    const problem = { title: "Unauthorized", status: 401, code: "unauthorized", detail: "no" };
    return Response.json(problem, { status: 401 });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  using client = new ControlClient({ kind: "url", url, token: "secret" });
  const { problem } = await assertRejects(() => client.status(), RefusedError);
  assertEquals([problem.code, problem.detail, authorization], [
    "unauthorized",
    "no",
    "Bearer secret",
  ]);
});

Deno.test("nobody on an address is not running, too", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  using client = new ControlClient({ kind: "url", url, token: null });
  const error = await assertRejects(() => client.status(), NotRunningError);
  assertEquals(error.why, "refused");
});

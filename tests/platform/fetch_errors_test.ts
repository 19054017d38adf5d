import { assertEquals } from "@std/assert";
import { classifyFetchError, classifyText } from "../../src/proxy/fetch/errors.ts";
import { RawUpstream, type Script } from "../conformance/raw.ts";

/** What the proxy makes of the error that `fetch` gives for an upstream. */
async function failure(script: Script, init: RequestInit = {}): Promise<string> {
  await using upstream = new RawUpstream(script);
  return await failureAt(upstream.port, init);
}

async function failureAt(port: number, init: RequestInit = {}): Promise<string> {
  const client = Deno.createHttpClient({ http2: false, poolMaxIdlePerHost: 0 });
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { ...init, client });
    await response.body?.cancel();
    return `status ${response.status}`;
  } catch (error) {
    return classifyFetchError(error);
  } finally {
    client.close();
  }
}

async function deadPort(): Promise<number> {
  await using upstream = new RawUpstream(async () => {});
  return upstream.port;
}

function answering(text: string): Script {
  return async (conn) => {
    await conn.readHead();
    await conn.write(text);
  };
}

Deno.test("fetch tells a refused connection", async () => {
  assertEquals(await failureAt(await deadPort()), "connect_failed");
});

Deno.test("fetch tells a connection that ended before the head was complete", async () => {
  const post = { method: "POST", body: new Uint8Array(5_000_000) };
  assertEquals(await failure(answering("")), "closed_before_head");
  assertEquals(await failure(async () => {}), "closed_before_head");
  assertEquals(await failure(answering(""), post), "closed_before_head");
  assertEquals(await failure(answering("HTTP/1.1 200 OK\r\nA: b")), "closed_before_head");
});

Deno.test("fetch tells a malformed head", async () => {
  const heads = [
    "junk junk\r\n\r\n",
    "HTTP/1.1 99 x\r\n\r\n",
    "HTTP/2.0 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(500)}\r\n`,
  ];
  for (const head of heads) assertEquals(await failure(answering(head)), "bad_head");
});

Deno.test("fetch tells a client that was closed before anything was sent", async () => {
  const client = Deno.createHttpClient({});
  client.close();
  const error = await fetch("http://127.0.0.1:18080/", { client }).catch((error) => error);
  assertEquals(classifyFetchError(error), "connect_failed");
});

Deno.test("an outgoing WebSocket tells why it could not open", async () => {
  async function reason(port: number): Promise<string> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const { promise, resolve } = Promise.withResolvers<string>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    socket.onerror = (event) => resolve((event as ErrorEvent).message);
    socket.onclose = () => close();
    await closed;
    return classifyText(await promise);
  }
  assertEquals(await reason(await deadPort()), "connect_failed");
  await using closing = new RawUpstream(answering(""));
  assertEquals(await reason(closing.port), "closed_before_head");
  await using refusing = new RawUpstream(answering("HTTP/1.1 403 No\r\n\r\n"));
  assertEquals(await reason(refusing.port), "bad_head");
});

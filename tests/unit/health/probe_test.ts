import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { httpProbe, type HttpProbeOptions } from "../../../src/health/probe.ts";
import { freePort } from "../platform/processes.ts";
import { instanceAt } from "./instance.ts";

const OPTIONS: HttpProbeOptions = {
  path: "/up?deep=1",
  healthHost: null,
  healthPortOffset: 0,
  statuses: [{ from: 200, to: 299 }],
  version: "1.2.3",
};
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const NEVER = new AbortController().signal;

/** A server that answers each connection with the given bytes and closes it. */
class Server implements AsyncDisposable {
  readonly port: number;
  /** What was asked, connection by connection. */
  readonly requests: string[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #done: Promise<void>;

  constructor(answer: string | null, hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.port = this.#listener.addr.port;
    this.#done = this.#serve(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
  }

  async #serve(answer: string | null): Promise<void> {
    for await (const connection of this.#listener) {
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer);
      this.requests.push(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
      if (answer === null) await connection.read(buffer).catch(() => {});
      else await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  }
}

async function probe(answer: string, options: Partial<HttpProbeOptions> = {}) {
  await using server = new Server(answer);
  return await httpProbe({ ...OPTIONS, ...options })(instanceAt(server.port), NEVER);
}

Deno.test("httpProbe asks for the path on a connection of its own", async () => {
  await using server = new Server(OK);
  assertEquals(await httpProbe(OPTIONS)(instanceAt(server.port), NEVER), { healthy: true });
  assertEquals(
    server.requests[0],
    `GET /up?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
      "User-Agent: liveroll-health/1.2.3\r\nAccept: */*\r\nConnection: close\r\n\r\n",
  );
});

Deno.test("B28 every probe says that its connection ends, and ends it", async () => {
  await using server = new Server(OK);
  const ask = httpProbe(OPTIONS);
  await ask(instanceAt(server.port), NEVER);
  await ask(instanceAt(server.port), NEVER);
  assertEquals(server.requests.length, 2);
  for (const request of server.requests) assertStringIncludes(request, "Connection: close\r\n");
});

Deno.test("K08 httpProbe sends the Host it is given", async () => {
  await using server = new Server(OK);
  const ask = httpProbe({ ...OPTIONS, healthHost: "app.example" });
  await ask(instanceAt(server.port), NEVER);
  assertStringIncludes(server.requests[0]!, "\r\nHost: app.example\r\n");
});

Deno.test("K09 httpProbe asks at the health port", async () => {
  await using server = new Server(OK);
  const ask = httpProbe({ ...OPTIONS, healthPortOffset: 5 });
  assertEquals(await ask(instanceAt(server.port - 5), NEVER), { healthy: true });
});

Deno.test("B27 a redirect is an answer, not a way", async () => {
  const answer = "HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n";
  assertEquals(await probe(answer), { healthy: false, detail: "status 302" });
  assertEquals(await probe(answer, { statuses: [{ from: 302, to: 302 }] }), { healthy: true });
});

Deno.test("B27 any 2xx is healthy unless configured otherwise", async () => {
  assertEquals(await probe("HTTP/1.1 204 No Content\r\n\r\n"), { healthy: true });
  assertEquals(await probe("HTTP/1.0 200\r\n\r\n"), { healthy: true });
  assertEquals(await probe("HTTP/1.1 500 Oops\r\n\r\n"), {
    healthy: false,
    detail: "status 500",
  });
});

Deno.test("httpProbe waits for the final answer behind interim ones", async () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  assertEquals(await probe(hints + hints + OK), { healthy: true });
});

Deno.test("httpProbe says what spoke, if not HTTP", async () => {
  assertEquals(await probe("SSH-2.0-OpenSSH_9.2\r\n"), {
    healthy: false,
    detail: 'not HTTP: "SSH-2.0-OpenSSH_9.2\\r\\n"',
  });
  assertEquals(await probe("\x15\x03\x01\x00\x02\x02\x46"), {
    healthy: false,
    detail: 'not HTTP: "\\u0015\\u0003\\u0001\\u0000\\u0002\\u0002F"',
  });
  assertEquals(await probe(""), { healthy: false, detail: "closed without an answer" });
  assertEquals(await probe("HTTP/1.1 2"), { healthy: false, detail: 'not HTTP: "HTTP/1.1 2"' });
  assertEquals(await probe("HTTP/1.1 " + "x".repeat(20_000)), {
    healthy: false,
    detail: "not HTTP: no status within 16384 bytes",
  });
});

Deno.test("httpProbe says that nobody listens", async () => {
  const result = await httpProbe(OPTIONS)(instanceAt(freePort()), NEVER);
  assertEquals(result, { healthy: false, detail: "connection refused" });
});

Deno.test("B15 a child that accepts and never answers costs one probe, not the roll", async () => {
  await using server = new Server(null);
  const result = await httpProbe(OPTIONS)(instanceAt(server.port), AbortSignal.timeout(50));
  assert(!result.healthy);
  assertStringIncludes(result.detail, "no answer within ");
});

Deno.test("httpProbe ends when it is given up", async () => {
  await using server = new Server(null);
  const abort = new AbortController();
  const result = httpProbe(OPTIONS)(instanceAt(server.port), abort.signal);
  abort.abort();
  assertEquals(await result, { healthy: false, detail: "given up" });
  assertEquals(await httpProbe(OPTIONS)(instanceAt(server.port), abort.signal), {
    healthy: false,
    detail: "given up",
  });
});

Deno.test("B26 httpProbe asks exactly the address of the instance, IPv6 too", async () => {
  await using server = new Server(OK, "::1");
  const ask = httpProbe(OPTIONS);
  assertEquals(await ask(instanceAt(server.port, "::1"), NEVER), { healthy: true });
  assertStringIncludes(server.requests[0]!, `\r\nHost: [::1]:${server.port}\r\n`);
  assertEquals((await ask(instanceAt(server.port), NEVER)).healthy, false);
});

Deno.test("B08 an answer on behalf of an instance that has ended does not count", async () => {
  await using server = new Server(OK);
  const dead = { ...instanceAt(server.port), exit: { code: 1, signal: null } };
  assertEquals(await httpProbe(OPTIONS)(dead, NEVER), {
    healthy: false,
    detail: "answered by somebody else",
  });
});

Deno.test("httpProbe reads no more of a long body than politeness asks for", async () => {
  assertEquals(await probe("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(200_000)), { healthy: true });
});

/** Answers of our own that come before a body is complete: the body is no request then, either. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import type { ProxyOptions } from "../../../src/proxy/proxy.ts";
import { RawConnection, RawUpstream } from "../raw.ts";
import { startProxy } from "../rig.ts";
import { converse } from "./conversation.ts";
import { Recorder } from "./recorder.ts";
import { HIDDEN, request } from "./request_case.ts";

interface Occasion {
  readonly status: RegExp;
  readonly options?: Partial<ProxyOptions>;
  /** What stands behind the proxy until the answer has come; nothing: no backend at all. */
  readonly backend?: ConstructorParameters<typeof RawUpstream>[0];
  /** The head has to say these, too. */
  readonly headers?: readonly string[];
}

const OCCASIONS: Record<string, Occasion> = {
  "nobody serves": { status: /^HTTP\/1.1 503 /, options: { queueTimeoutMs: 50 } },
  "the queue is full": { status: /^HTTP\/1.1 503 /, options: { queueLimit: 0 } },
  "the backend ends": {
    status: /^HTTP\/1.1 502 /,
    backend: async (conn) => void await conn.readHead(),
  },
  "the backend answers garbage": {
    status: /^HTTP\/1.1 502 /,
    backend: async (conn) => {
      await conn.readHead();
      await conn.write("garbage\r\n\r\n");
      await conn.readAll();
    },
  },
  "the backend says nothing after 100": {
    status: /^HTTP\/1.1 (100|502) /,
    backend: async (conn) => {
      await conn.readHead();
      await conn.write("HTTP/1.1 100 Continue\r\n\r\n");
    },
  },
  "the body is too large": {
    status: /^HTTP\/1.1 413 /,
    options: { limits: { maxBodyBytes: 10 } },
    backend: async (conn) => void await conn.readAll(),
  },
  "the expectation is unknown": { status: /^HTTP\/1.1 417 /, headers: ["Expect: more"] },
};

const FRAMINGS: Record<string, { header: string; body: string }> = {
  "a length": { header: `Content-Length: ${HIDDEN.length}`, body: HIDDEN },
  "chunks": {
    header: "Transfer-Encoding: chunked",
    body: `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  },
};

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  if (engine as string !== "relay") continue;
  for (const [why, { status, options = {}, backend, headers = [] }] of Object.entries(OCCASIONS)) {
    for (const [framing, { header, body }] of Object.entries(FRAMINGS)) {
      Deno.test(`item 58 R7 [${engine}] a body with ${framing} is no request after our answer when ${why}`, async () => {
        await using recorder = new Recorder();
        await using first = backend ? new RawUpstream(backend) : null;
        const proxy = startProxy({ engine, ...options });
        const use = (port: number) =>
          proxy.replace([{ key: `${port}`, host: "127.0.0.1", port, alive: () => true }]);
        if (first) use(first.port);
        await using client = await RawConnection.open(proxy.port);
        await client.write(request("POST /case", [header, ...headers]));
        if (framing === "chunks" && why === "the body is too large") await client.write(body);
        assertMatch(await client.readHead() ?? "", status);
        use(recorder.port);
        await client.write(body + request("GET /after", ["Connection: close"])).catch(() => {});
        const rest = await client.readAll();
        client.close();
        const other = await converse(proxy.port, request("GET /other", ["Connection: close"]));
        assertMatch(other.bytes, /^HTTP\/1.1 200 .*"\/other"/s);
        await proxy.shutdown({ drainTimeoutMs: 500 });
        assert(!rest.includes("hidden"), rest);
        const targets = recorder.records.map(({ target }) => target);
        assertEquals(targets.filter((target) => target !== "/after"), ["/other"]);
        assertEquals(recorder.faults, []);
      });
    }
  }
}

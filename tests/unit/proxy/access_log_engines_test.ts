import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import type { AccessEntry } from "../../../src/proxy/access_log.ts";
import type { ProxyOptions } from "../../../src/proxy/proxy.ts";
import { ok, type Script } from "../../conformance/raw.ts";
import { Rig, until } from "../../conformance/rig.ts";

const HEAD = "Host: a.example\r\nUser-Agent: test/1\r\nReferer: /from\r\n";

/** A rig whose access log is a list. */
class LoggedRig extends Rig {
  readonly entries: AccessEntry[];

  constructor(script: Script, options: Partial<ProxyOptions>) {
    const entries: AccessEntry[] = [];
    super(script, { ...options, accessLog: { record: (entry) => void entries.push(entry) } });
    this.entries = entries;
  }

  override get target() {
    return { ...super.target, version: "v7" };
  }

  /** The first entry; waits for it. */
  async entry(): Promise<AccessEntry> {
    await until(() => this.entries.length > 0, "an entry");
    return this.entries[0] as AccessEntry;
  }
}

function answering(answer: string): Script {
  return async (conn) => {
    for (let head = await conn.readHead(); head !== null; head = await conn.readHead()) {
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (length > 0) await conn.readExactly(length);
      await conn.write(answer);
    }
  };
}

/** What is the same at every run. */
function facts({ time: _, durationMs: __, client: ___, ...rest }: AccessEntry) {
  return rest;
}

const SERVED = {
  method: "GET",
  target: "/a?b=c",
  protocol: "HTTP/1.1",
  host: "a.example",
  userAgent: "test/1",
  referer: "/from",
  status: 200,
  requestBytes: 0,
  responseBytes: 2,
  backend: "a",
  version: "v7",
  tries: 1,
  reasons: [],
};

for (const engine of ["fetch", "relay"] as const) {
  const start = (script: Script, options: Partial<ProxyOptions> = {}) =>
    new LoggedRig(script, { engine, ...options });
  const name = (text: string) => `the access log of ${engine} ${text}`;

  Deno.test(name("tells who asked for what, who answered, and how long it took"), async () => {
    await using rig = start(answering(ok()));
    const before = Date.now();
    await rig.ask(`GET /a?b=c HTTP/1.1\r\n${HEAD}\r\n`, 2);
    const entry = await rig.entry();
    assertEquals(facts(entry), SERVED);
    assertEquals(entry.client, "127.0.0.1");
    assertGreaterOrEqual(entry.time, before);
    assertGreaterOrEqual(entry.durationMs, 0);
  });

  Deno.test(name("counts the bytes of both bodies"), async () => {
    const body = "x".repeat(100_000);
    await using rig = start(answering(ok(body)));
    const head = `POST /a?b=c HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n`;
    await rig.ask(head + body, body.length);
    assertEquals(facts(await rig.entry()), {
      ...SERVED,
      method: "POST",
      requestBytes: body.length,
      responseBytes: body.length,
    });
  });

  Deno.test(name("says why nobody answered"), async () => {
    await using rig = start(answering(ok()), { queueTimeoutMs: 1 });
    rig.proxy.remove("a");
    const answer = await rig.everything(
      `GET /a?b=c HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
    );
    const [, body = ""] = answer.split("\r\n\r\n");
    assertEquals(facts(await rig.entry()), {
      ...SERVED,
      status: 503,
      responseBytes: body.length,
      backend: null,
      version: null,
      tries: 0,
      reasons: ["queue_timeout"],
    });
  });

  Deno.test(name("says why it was tried again"), async () => {
    await using rig = start(async (conn, index) => {
      await conn.readHead();
      if (index > 0) await conn.write(ok());
    });
    await rig.ask(`GET /a?b=c HTTP/1.1\r\n${HEAD}\r\n`, 2);
    const { tries, reasons, status } = await rig.entry();
    assertEquals({ tries, reasons, status }, {
      tries: 2,
      reasons: ["closed_before_head"],
      status: 200,
    });
  });

  Deno.test(name("names the instance that did not answer"), async () => {
    await using rig = start(async (conn) => {
      await conn.readHead();
      await conn.read();
    }, { responseHeadTimeoutMs: 20 });
    await rig.ask(`GET /a?b=c HTTP/1.1\r\n${HEAD}\r\n`);
    const { status, reasons, backend, version, tries } = await rig.entry();
    assertEquals({ status, reasons, backend, tries }, {
      status: 504,
      reasons: ["head_timeout"],
      backend: "a",
      tries: 1,
    });
    assertEquals(version, SERVED.version);
  });

  Deno.test(name("calls a client that left before the answer 499"), async () => {
    const arrived = Promise.withResolvers<void>();
    await using rig = start(async (conn) => {
      await conn.readHead();
      arrived.resolve();
      await conn.read();
    });
    const client = await rig.connect();
    await client.write(`GET /a?b=c HTTP/1.1\r\n${HEAD}\r\n`);
    await arrived.promise;
    client.close();
    const { status, reasons, responseBytes } = await rig.entry();
    assertEquals({ status, reasons, responseBytes }, {
      status: 499,
      reasons: ["client_gone"],
      responseBytes: 0,
    });
  });

  Deno.test(name("calls a client that left in the middle of an answer 499"), async () => {
    await using rig = start(async (conn) => {
      await conn.readHead();
      await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf");
      await conn.read();
    });
    const client = await rig.connect();
    await client.write(`GET /a?b=c HTTP/1.1\r\n${HEAD}\r\n`);
    await client.readUntil("half");
    client.close();
    const { status, reasons, backend } = await rig.entry();
    assertEquals({ status, reasons, backend }, {
      status: 499,
      reasons: ["client_gone"],
      backend: "a",
    });
  });

  Deno.test(name("says that an answer broke off"), async () => {
    await using rig = start(async (conn) => {
      await conn.readHead();
      await conn.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf");
    });
    await rig.everything(`GET /a?b=c HTTP/1.1\r\n${HEAD}\r\n`);
    assertEquals(facts(await rig.entry()), {
      ...SERVED,
      responseBytes: 4,
      reasons: ["forwarding"],
    });
  });

  Deno.test(name("tells of requests that are refused"), async () => {
    await using rig = start(answering(ok()));
    await rig.ask(`CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n`);
    const { status, tries, backend } = await rig.entry();
    assertEquals(status >= 400 && status < 600, true, `${status}`);
    assertEquals({ tries, backend }, { tries: 0, backend: null });
  });

  Deno.test(name("believes trusted proxies about the client"), async () => {
    await using rig = start(answering(ok()), { isTrusted: (ip) => ip === "127.0.0.1" });
    const said = "X-Forwarded-For: 6.6.6.6, 192.0.2.7, 127.0.0.1\r\n";
    await rig.ask(`GET /a?b=c HTTP/1.1\r\n${HEAD}${said}\r\n`, 2);
    assertEquals((await rig.entry()).client, "192.0.2.7");
  });
}

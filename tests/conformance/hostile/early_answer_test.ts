/**
 * Answers that come before their request is complete, or after nobody wants them any more: what is
 * left over on either side must never become a message of its own.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type EngineName, ENGINES } from "../../../src/proxy/engines.ts";
import type { ProxyOptions } from "../../../src/proxy/proxy.ts";
import { head, ok, RawConnection, RawUpstream } from "../raw.ts";
import { startProxy, until } from "../rig.ts";
import { readAnswers } from "./answer_reader.ts";
import { converse } from "./conversation.ts";
import { HIDDEN, request } from "./request_case.ts";

const SECRET = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";

/** An application that answers heads at once, `/late` when it is told to, and keeps what it saw. */
class HastyApplication implements AsyncDisposable {
  readonly #upstream: RawUpstream;
  readonly #release = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  /** What was asked for on each connection, whatever took itself for a request. */
  readonly connections: string[][] = [];

  constructor(readonly answer = ok("early")) {
    this.#upstream = new RawUpstream(async (conn, index) => {
      const targets: string[] = this.connections[index] = [];
      for (let asked = await conn.readHead(); asked !== null; asked = await conn.readHead()) {
        const target = asked.split(" ")[1] ?? "";
        targets.push(target);
        if (target === "/late") await this.#answerLate(conn);
        else await conn.write(target === "/early" ? this.answer : ok(target));
      }
    });
  }

  get targets(): string[] {
    return this.connections.flat();
  }

  get target() {
    return { key: "a", host: "127.0.0.1", port: this.#upstream.port, alive: () => true };
  }

  /** Sends the answers that are late now, and waits for one to be on its way. */
  async release(): Promise<void> {
    this.#release.resolve();
    await this.#released.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#release.resolve();
    await this.#upstream[Symbol.asyncDispose]();
  }

  async #answerLate(conn: RawConnection): Promise<void> {
    await this.#release.promise;
    await conn.write(SECRET).catch(() => {});
    this.#released.resolve();
  }
}

async function everybodyGetsTheirOwn(port: number): Promise<void> {
  for (let n = 0; n < 10; n++) {
    const { bytes } = await converse(port, request(`GET /own-${n}`, ["Connection: close"]));
    assertEquals(readAnswers(bytes, []).answers.map(({ body }) => body), [`/own-${n}`]);
  }
}

const BODY_THAT_IS_A_REQUEST: Record<string, { headers: string[]; body: string }> = {
  "a length": { headers: [`Content-Length: ${HIDDEN.length}`], body: HIDDEN },
  "chunks": {
    headers: ["Transfer-Encoding: chunked"],
    body: `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  },
  "an expectation": {
    headers: ["Expect: 100-continue", `Content-Length: ${HIDDEN.length}`],
    body: HIDDEN,
  },
  "an expectation and chunks": {
    headers: ["Expect: 100-continue", "Transfer-Encoding: chunked"],
    body: `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  },
};

const EARLY: Record<string, string> = {
  "200": ok("early"),
  "413": "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nearly",
  "200 and close": ok("early", "Connection: close"),
  "100 and 200": `HTTP/1.1 100 Continue\r\n\r\n${ok("early")}`,
};

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  if (engine as string === "tcp") continue;

  const scene = async (
    options: Partial<ProxyOptions>,
    play: (port: number, application: HastyApplication) => Promise<void>,
    answer?: string,
  ): Promise<void> => {
    await using application = new HastyApplication(answer);
    const proxy = startProxy({ engine, ...options });
    proxy.replace([application.target]);
    try {
      await play(proxy.port, application);
      await until(() => proxy.counters.inFlight === 0, "the end of all requests");
      await everybodyGetsTheirOwn(proxy.port);
      for (const targets of application.connections) {
        // It takes a body for requests; so nobody else's may come on this connection.
        if (targets.includes("/early")) {
          assertEquals(targets.filter((one) => /after|own/.test(one)), []);
        }
      }
    } finally {
      await proxy.shutdown({ drainTimeoutMs: 1000 });
    }
  };

  for (const [status, answer] of Object.entries(EARLY)) {
    for (const [framing, { headers, body }] of Object.entries(BODY_THAT_IS_A_REQUEST)) {
      Deno.test(`item 43 item 58 [${engine}] a body with ${framing} after its answer (${status}) has the connection to itself`, () =>
        scene({}, async (port) => {
          await using client = await RawConnection.open(port);
          await client.write(request("POST /early", headers));
          // Where the application must see a body first, `fetch` is waiting for it now.
          if (engine === "relay" as string) await client.readHead();
          await client.write(body + request("GET /after", ["Connection: close"])).catch(() => {});
          assert(!(await client.readAll()).includes("/hidden"));
        }, answer));
    }
  }

  Deno.test(`item 58 [${engine}] half a body after its answer, then the end`, () =>
    scene({}, async (port) => {
      await using client = await RawConnection.open(port);
      await client.write(request("POST /early", ["Content-Length: 100"]) + HIDDEN.slice(0, 30));
    }));

  Deno.test(`item 62 [${engine}] a late answer for a client that is gone goes to nobody`, () =>
    scene({}, async (port, application) => {
      const client = await RawConnection.open(port);
      await client.write(head("GET /late"));
      await until(() => application.targets.includes("/late"), "the request to arrive");
      client.close();
      const answer = converse(port, request("GET /own", ["Connection: close"]));
      await application.release();
      assertEquals(readAnswers((await answer).bytes, []).answers[0]?.body, "/own");
    }));

  Deno.test(`R6 item 64 [${engine}] a late answer after a 504 goes to nobody`, () =>
    scene({ responseHeadTimeoutMs: 200 }, async (port, application) => {
      await using client = await RawConnection.open(port);
      await client.write(head("GET /late"));
      assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 504 /);
      await application.release();
      const { bytes } = await converse(port, request("GET /own", ["Connection: close"]));
      assertEquals(readAnswers(bytes, []).answers[0]?.body, "/own");
      assert(!(await client.read() ?? "").includes("secret"));
    }));

  Deno.test(`item 61 [${engine}] requests that were sent behind an answer that is cut are not answered by it`, () =>
    scene({}, async (port, application) => {
      await using client = await RawConnection.open(port);
      await client.write(head("GET /late") + head("GET /second") + head("GET /third"));
      await until(() => application.targets.includes("/late"), "the request to arrive");
      await application.release();
      const bodies = [];
      for (let n = 0; n < 3; n++) {
        const length = Number(
          /\r\ncontent-length: (\d+)/i.exec(await client.readHead() ?? "")?.[1],
        );
        bodies.push(await client.readExactly(length));
      }
      assertEquals(bodies, ["secret", "/second", "/third"]);
    }));
}

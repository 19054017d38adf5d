import { assertEquals, assertMatch } from "@std/assert";
import { RawConnection } from "../conformance/raw.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";

type Flags = Record<string, string>;

const relay = (flags: Flags, test: (liveroll: Liveroll) => Promise<void>) =>
  withLiveroll({ flags: { engine: "relay", ...flags } }, test);

/** What comes back for raw bytes, until the connection ends. */
async function answerTo(port: number, text: string): Promise<string> {
  await using connection = await RawConnection.open(port);
  await connection.write(text);
  return await connection.readAll();
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

const HOST = "Host: a.example\r\n";

/** The headers that the application saw. */
async function seen(port: number, text: string): Promise<Map<string, string>> {
  const answer = await answerTo(port, text);
  const body = answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1);
  const { headers } = JSON.parse(body) as { headers: [string, string][] };
  return new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
}

const ASK_HEADERS = `GET /headers HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;

Deno.test("--forwarded tells the application where a request came from", () =>
  relay({ forwarded: "true" }, async ({ port }) => {
    const headers = await seen(port, ASK_HEADERS);
    assertEquals(headers.get("forwarded"), "for=127.0.0.1;host=a.example;proto=http");
  }));

Deno.test("--via names us to the application", () =>
  relay({ via: "edge-1" }, async ({ port }) => {
    assertEquals((await seen(port, ASK_HEADERS)).get("via"), "1.1 edge-1");
  }));

Deno.test("neither Forwarded nor Via is sent by default", () =>
  relay({}, async ({ port }) => {
    const headers = await seen(port, ASK_HEADERS);
    assertEquals([headers.has("forwarded"), headers.has("via")], [false, false]);
  }));

const LIMITS: [flags: Flags, request: string, status: number][] = [
  [{ "max-body": "10" }, `POST / HTTP/1.1\r\n${HOST}Content-Length: 11\r\n\r\n`, 413],
  [{ "max-target": "100" }, `GET /${"x".repeat(100)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  [{ "max-headers": "3" }, `GET / HTTP/1.1\r\n${HOST}A: 1\r\nB: 2\r\nC: 3\r\n\r\n`, 431],
  [{ "max-head-size": "1k" }, `GET / HTTP/1.1\r\n${HOST}A: ${"x".repeat(1000)}\r\n\r\n`, 431],
  [{ "client-head-timeout": "100ms" }, `GET / HTTP/1.1\r\n${HOST}`, 408],
  [
    { "client-body-timeout": "100ms" },
    `POST /upload HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nhalf`,
    408,
  ],
];

for (const [flags, request, status] of LIMITS) {
  const [flag] = Object.keys(flags);
  Deno.test(`--${flag} ends what goes beyond it with ${status}`, () =>
    relay(flags, async ({ port }) => {
      assertEquals(statusOf(await answerTo(port, request)), status);
    }));
}

Deno.test("--client-idle-timeout closes a connection between two requests", () =>
  relay({ "client-idle-timeout": "100ms" }, async ({ port }) => {
    assertEquals(statusOf(await answerTo(port, `GET / HTTP/1.1\r\n${HOST}\r\n`)), 200);
  }));

Deno.test("--max-connections lets others wait until one has ended", () =>
  relay({ "max-connections": "1" }, async ({ port }) => {
    const first = await RawConnection.open(port);
    await first.write(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    await first.readHead();
    await using second = await RawConnection.open(port);
    await second.write(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    const answer = second.readHead();
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50))]);
    assertEquals(early, undefined);
    first.close();
    assertEquals(statusOf(await answer ?? ""), 200);
  }));

for (const engine of ["relay", "tcp"]) {
  Deno.test(`--proxy-protocol is believed from --trusted-proxies (${engine})`, async () => {
    const dir = await Deno.makeTempDir();
    const flags = {
      engine,
      "proxy-protocol": "true",
      "trusted-proxies": "127.0.0.0/8",
      "access-log": `${dir}/access.log`,
      // Ours come without such a header.
      healthcheck: "/healthz",
    };
    try {
      await withLiveroll({ flags }, async (liveroll) => {
        const header = "PROXY TCP4 192.0.2.7 192.0.2.1 5000 80\r\n";
        assertEquals(statusOf(await answerTo(liveroll.port, header + ASK_HEADERS)), 200);
        await liveroll.stop();
        const log = await Deno.readTextFile(`${dir}/access.log`);
        assertMatch(log, /"client":"192\.0\.2\.7"/);
      });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("--response-idle-timeout cuts an answer that goes on no more", () =>
  relay({ "response-idle-timeout": "100ms" }, async ({ port }) => {
    const path = "/stream?bytes=10&pause=600000";
    const answer = await answerTo(port, `GET ${path} HTTP/1.1\r\n${HOST}\r\n`);
    assertMatch(answer, /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*\r\n$/);
  }));

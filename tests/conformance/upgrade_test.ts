import { assertEquals, assertMatch } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import { item, RELAY } from "./item.ts";
import { head, ok, type RawConnection, type Script } from "./raw.ts";
import { asSent, firstLine, Rig, until, values } from "./rig.ts";

const WEBSOCKET = [
  "Connection: keep-alive, Upgrade",
  "upgrade: WebSocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  "Sec-WebSocket-Extensions: permessage-deflate",
  "Sec-WebSocket-Protocol: one,, two",
  "Origin: https://o.example",
];

const ACCEPT = "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=";

/** The head of a 101. */
function switching(protocol: string, ...lines: string[]): string {
  const fields = [`Upgrade: ${protocol}`, "Connection: Upgrade", ...lines];
  return ["HTTP/1.1 101 Switching Protocols", ...fields, "", ""].join("\r\n");
}

/** A tunnel, open on both sides. */
interface Open extends AsyncDisposable {
  readonly rig: Rig;
  readonly client: RawConnection;
  readonly app: RawConnection;
  /** The heads as they arrived. */
  readonly request: string;
  readonly answer: string;
}

async function open(engine: EngineName, protocol: string, ...lines: string[]): Promise<Open> {
  const opened = Promise.withResolvers<{ app: RawConnection; request: string }>();
  const over = Promise.withResolvers<void>();
  const script: Script = async (app) => {
    const request = await app.readHead() ?? "";
    await app.write(switching(protocol, ACCEPT));
    opened.resolve({ app, request });
    await over.promise;
  };
  const rig = new Rig(script, { engine });
  const client = await rig.connect();
  await client.write(head("GET /chat%2F?a=;b", ...lines));
  const answer = await client.readHead() ?? "";
  const dispose = async () => {
    over.resolve();
    client.close();
    await rig[Symbol.asyncDispose]();
  };
  return { rig, client, answer, ...await opened.promise, [Symbol.asyncDispose]: dispose };
}

item(49, "a 101 is a 502 unless its protocol was asked for", RELAY, async (engine) => {
  const asked = ["Connection: upgrade", "Upgrade: one"];
  const cases = [
    [[], "x"],
    [["Upgrade: x"], "x"],
    [asked, "two"],
    [asked, "one, two"],
    [asked, ""],
  ] as const;
  for (const [lines, protocol] of cases) {
    await using rig = Rig.answering(switching(protocol), { engine });
    assertMatch(await rig.ask(head("GET /", ...lines)), /^HTTP\/1.1 502 /, `${lines} ${protocol}`);
  }
});

item(49, "an application that does not upgrade answers as it likes", RELAY, async (engine) => {
  const no = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
  await using rig = Rig.answering(no, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /", ...WEBSOCKET));
  assertEquals(firstLine(await client.readHead()), "HTTP/1.1 403 Forbidden");
  assertEquals(await client.readExactly(2), "no");
  await client.write(head("GET /plain"));
  assertEquals(firstLine(await client.readHead()), "HTTP/1.1 403 Forbidden");
  assertEquals(values(rig.heads[1] ?? "", "upgrade"), []);
});

item(52, "a handshake passes both ways as it is", RELAY, async (engine) => {
  await using tunnel = await open(engine, "websocket", ...WEBSOCKET);
  const { request, answer } = tunnel;
  assertEquals(firstLine(request), "GET /chat%2F?a=;b HTTP/1.1");
  for (const line of WEBSOCKET.slice(2)) {
    assertMatch(asSent(request), new RegExp(`^${line.replaceAll(/[+.]/g, "\\$&")}\r$`, "m"));
  }
  assertEquals(values(request, "upgrade"), ["WebSocket"]);
  assertEquals(values(request, "connection").map((value) => value.toLowerCase()), ["upgrade"]);
  assertEquals(firstLine(answer), "HTTP/1.1 101 Switching Protocols");
  assertMatch(answer, /^Sec-WebSocket-Accept: ICX\+Yqv66kxgM0FcWaLWlFLwTAI=\r$/m);
  assertEquals(values(answer, "upgrade"), ["websocket"]);
  assertEquals(values(answer, "connection").map((value) => value.toLowerCase()), ["upgrade"]);
});

item(52, "frames pass byte for byte, whatever they are", RELAY, async (engine) => {
  await using tunnel = await open(engine, "websocket", ...WEBSOCKET);
  const { client, app } = tunnel;
  const every = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
  const frames = ["\x89\x80\0\0\0\0", "\x01\x81\0\0\0\0h", "\xc1\x05\xf2\x48\xcd\xc9\xc9", every];
  for (const frame of frames) {
    await client.write(frame);
    assertEquals(await app.readExactly(frame.length), frame);
    await app.write(frame);
    assertEquals(await client.readExactly(frame.length), frame);
  }
  await client.write("\x88\x82\0\0\0\0\x03\xe9");
  assertEquals(await app.readExactly(8), "\x88\x82\0\0\0\0\x03\xe9");
});

item(52, "what follows the heads in the same packet is delivered", RELAY, async (engine) => {
  const received = Promise.withResolvers<string>();
  await using rig = new Rig(async (app) => {
    await app.readHead();
    await app.write(switching("websocket") + "\x81\x02hi");
    received.resolve(await app.readExactly(8));
    await app.readAll();
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("GET /", ...WEBSOCKET) + "\x81\x82\0\0\0\0yo");
  assertEquals(firstLine(await client.readHead()), "HTTP/1.1 101 Switching Protocols");
  assertEquals(await client.readExactly(4), "\x81\x02hi");
  assertEquals(await received.promise, "\x81\x82\0\0\0\0yo");
});

item(52, "a side that vanishes ends the other", RELAY, async (engine) => {
  await using left = await open(engine, "websocket", ...WEBSOCKET);
  left.client.close();
  assertEquals(await left.app.readAll(), "");
  left.app.close();
  await until(() => left.rig.proxy.counters.inFlight === 0, "the tunnel to end");
  await using right = await open(engine, "websocket", ...WEBSOCKET);
  right.app.close();
  assertEquals(await right.client.readAll(), "");
  right.client.close();
  await until(() => right.rig.proxy.counters.inFlight === 0, "the tunnel to end");
});

item(53, "any other protocol is an opaque tunnel", RELAY, async (engine) => {
  await using tunnel = await open(engine, "own/2", "Connection: upgrade", "Upgrade: own/2");
  const { client, app, request } = tunnel;
  assertEquals(values(request, "upgrade"), ["own/2"]);
  await client.write("\0any\xff\r\n\r\n");
  assertEquals(await app.readExactly(9), "\0any\xff\r\n\r\n");
  await app.write(head("GET /not-http"));
  assertEquals(await client.readHead(), head("GET /not-http"));
});

item(53, "an upgrade to h2c is not passed on, the request is", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const lines = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
  assertMatch(await rig.ask(head("GET /", ...lines), 2), /^HTTP\/1.1 200 .*ok$/s);
  assertEquals(asSent(rig.heads[0]), head("GET /"));
});

item(53, "Upgrade without Connection, or in HTTP/1.0, asks for nothing", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET /", "Upgrade: websocket"), 2);
  await rig.everything("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  assertEquals(rig.heads.flatMap((request) => values(request, "upgrade")), []);
});

item(54, "the end of one direction passes on, the other goes on", RELAY, async (engine) => {
  await using up = await open(engine, "own", "Connection: upgrade", "Upgrade: own");
  await up.client.write("last words");
  await up.client.closeWrite();
  assertEquals(await up.app.readAll(), "last words");
  await up.app.write("heard");
  assertEquals(await up.client.readExactly(5), "heard");
  up.app.close();
  assertEquals(await up.client.readAll(), "");

  await using down = await open(engine, "own", "Connection: upgrade", "Upgrade: own");
  await down.app.write("last words");
  await down.app.closeWrite();
  assertEquals(await down.client.readAll(), "last words");
  await down.client.write("heard");
  assertEquals(await down.app.readExactly(5), "heard");
  down.client.close();
  assertEquals(await down.app.readAll(), "");
  down.app.close();
  await until(() => down.rig.proxy.counters.inFlight === 0, "the tunnel to end");
});

const DRAIN = { timeoutMs: 60_000, tunnelGraceMs: 10 };
const RESTART = "\x88\x11\x03\xf4Service restart";

item(55, "K18 between two frames a drain closes with 1012", RELAY, async (engine) => {
  await using tunnel = await open(engine, "websocket", ...WEBSOCKET);
  await tunnel.app.write("\x81\x02hi");
  assertEquals(await tunnel.client.readExactly(4), "\x81\x02hi");
  assertEquals(await tunnel.rig.proxy.drain("a", DRAIN), { finished: 0, cut: 1 });
  assertEquals(await tunnel.client.readAll(), RESTART);
  assertEquals(await tunnel.app.readAll(), "");
});

item(55, "a frame under way is finished before the close", RELAY, async (engine) => {
  await using tunnel = await open(engine, "websocket", ...WEBSOCKET);
  await tunnel.app.write("\x82\x7e\x00\xc8" + "x".repeat(100));
  await tunnel.client.readExactly(104);
  assertEquals(await tunnel.rig.proxy.drain("a", DRAIN), { finished: 0, cut: 1 });
  await tunnel.app.write("y".repeat(100) + "\x81\x01z");
  assertEquals(await tunnel.client.readAll(), "y".repeat(100) + RESTART);
});

item(55, "an endless frame, or any other protocol, is just closed", RELAY, async (engine) => {
  await using stuck = await open(engine, "websocket", ...WEBSOCKET);
  await stuck.app.write("\x82\x7e\x00\xc8" + "x".repeat(100));
  await stuck.client.readExactly(104);
  assertEquals(await stuck.rig.proxy.drain("a", DRAIN), { finished: 0, cut: 1 });
  assertEquals(await stuck.client.readAll(), "");

  await using own = await open(engine, "own", "Connection: upgrade", "Upgrade: own");
  await own.app.write("text");
  await own.client.readExactly(4);
  assertEquals(await own.rig.proxy.drain("a", DRAIN), { finished: 0, cut: 1 });
  assertEquals(await own.client.readAll(), "");
});

item(55, "a tunnel counts as in flight until both sides have ended", RELAY, async (engine) => {
  await using tunnel = await open(engine, "own", "Connection: upgrade", "Upgrade: own");
  const { rig, client, app } = tunnel;
  const drained = rig.proxy.drain("a", { timeoutMs: 60_000, tunnelGraceMs: 60_000 });
  await client.write("still here");
  assertEquals(await app.readExactly(10), "still here");
  assertEquals(rig.proxy.counters.inFlight, 1);
  client.close();
  app.close();
  assertEquals(await drained, { finished: 1, cut: 0 });
});

item(56, "a tunnel whose client does not read stops the application", RELAY, async (engine) => {
  await using tunnel = await open(engine, "own", "Connection: upgrade", "Upgrade: own");
  const block = new Uint8Array(65536);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 1e9; sent += block.length) await tunnel.app.writeBytes(block);
  })().catch(() => {});
  let last = 0;
  let same = 0;
  await until(() => {
    same = sent === last && sent > 0 ? same + 1 : 0;
    last = sent;
    return same >= 20;
  }, "the application to stall");
  assertEquals(sent < 50_000_000, true, `sent ${sent}`);
  assertEquals(tunnel.rig.proxy.counters.inFlight, 1);
  tunnel.client.close();
  await sending;
});

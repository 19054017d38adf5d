import { assertEquals, assertMatch } from "@std/assert";
import type { EngineName } from "../../src/proxy/engines.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { asSent, Rig, values } from "./rig.ts";

/** The head that the upstream sees for a GET with these headers. */
async function seen(engine: EngineName, ...headers: string[]): Promise<string> {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET /", ...headers), 2);
  return rig.heads[0] ?? "";
}

const DATE = "Date: Mon, 01 Jan 2024 00:00:00 GMT";

item(13, "K42 Set-Cookie lines stay apart and in order", async (engine) => {
  const answer = ok("", "Set-Cookie: a=1", "X: y", "Set-Cookie: b=2");
  await using rig = Rig.answering(answer, { engine });
  assertEquals(values(await rig.ask(head("GET /")), "set-cookie"), ["a=1", "b=2"]);
});

const ODD_LINES = [
  "hOsT: app.example",
  "X-b: 1",
  "Accept:  two  blanks \t",
  "x-B: 2",
  "COOKIE:a=1",
  "Cookie: b=2",
  "Empty:",
  "X-b: 3",
].join("\r\n");

item(13, "lines of a request keep order, case, blanks and repeats", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const request = `GET / HTTP/1.1\r\n${ODD_LINES}\r\n\r\n`;
  await rig.ask(request, 2);
  assertEquals(asSent(rig.heads[0]), request);
});

item(13, "lines of an answer keep order, case, blanks and repeats", RELAY, async (engine) => {
  const answer = `HTTP/1.1 200 OK\r\n${DATE}\r\n${ODD_LINES}\r\ncontent-LENGTH: 2\r\n\r\nok`;
  await using rig = Rig.answering(answer, { engine });
  assertEquals(await rig.ask(head("GET /"), 2), answer);
});

item(13, "names arrive in lower case and repeats in one line", FETCH, async (engine) => {
  const request = await seen(engine, "X-B: 1", "X-Other: y", "x-b: 2");
  assertMatch(request, /^x-b: 1, 2\r\n/m);
});

item(14, "header bytes above 127 pass both ways", async (engine) => {
  await using rig = Rig.answering(ok("", "X-B: caf\xe9\x80"), { engine });
  const answer = await rig.ask(head("GET /", "X-A: caf\xe9\xff"));
  assertEquals(values(rig.heads[0] ?? "", "x-a"), ["caf\xe9\xff"]);
  assertEquals(values(answer, "x-b"), ["caf\xe9\x80"]);
});

item(14, "NUL and bare CR in an answer's header are a 502", async (engine) => {
  for (const line of ["X: a\x00b", "X: a\rb"]) {
    await using rig = Rig.answering(ok("", line), { engine });
    assertMatch(await rig.ask(head("GET /")), /^HTTP\/1.1 502 /, line);
  }
});

item([15, 16], "hop-by-hop headers end here, on the way in", async (engine) => {
  const names = ["Connection", "Keep-Alive", "Proxy-Connection", "Trailer", "Upgrade"];
  const request = await seen(
    engine,
    "Connection: close, X-Private",
    "Keep-Alive: 5",
    "Proxy-Connection: x",
    "TE: gzip",
    "Trailer: X",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
    "X-Private: 1",
    "X-Public: 1",
    "Proxy-Authorization: Basic x",
  );
  for (const name of [...names, "TE", "X-Private", "HTTP2-Settings", "Proxy-Authorization"]) {
    assertEquals(values(request, name), [], name);
  }
  assertEquals(values(request, "x-public"), ["1"]);
});

item([15, 16], "hop-by-hop headers end here, on the way out", async (engine) => {
  const hop = ["Connection: X-Private", "Keep-Alive: timeout=9", "X-Private: 1", "Upgrade: h2c"];
  const more = ["Proxy-Connection: x", "Proxy-Authenticate: Basic", "TE: trailers", "Trailer: X"];
  const answer = ok("", ...hop, ...more, "X-Public: 1");
  await using rig = Rig.answering(answer, { engine });
  const got = await rig.ask(head("GET /"));
  for (const [name = ""] of [...hop, ...more].map((line) => line.split(":"))) {
    assertEquals(values(got, name), [], name);
  }
  assertEquals(values(got, "x-public"), ["1"]);
});

item(16, "names in any case, in lists and in repeated Connection lines", async (engine) => {
  const lists = ["Connection: x-ONE,,\tX-Two", "connection: keep-alive", "CONNECTION: X-Three"];
  const request = await seen(engine, ...lists, "X-One: 1", "x-two: 2", "X-THREE: 3", "X-Four: 4");
  for (const name of ["connection", "x-one", "x-two", "x-three"]) {
    assertEquals(values(request, name), [], name);
  }
  assertEquals(values(request, "x-four"), ["4"]);
});

item(16, "a Connection that names what is essential is a 400", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const name of ["Host", "content-length", "Transfer-Encoding", "Cookie", "Authorization"]) {
    const request = head("POST /", `Connection: close, ${name}`, "Content-Length: 2") + "hi";
    assertMatch(await rig.everything(request), /^HTTP\/1.1 400 /, name);
  }
  assertEquals(rig.heads, []);
});

item(16, "a Connection of an answer cannot remove what is essential", RELAY, async (engine) => {
  const lines = ["Connection: Content-Length, Content-Type, X-A", "Content-Type: text/x", "X-A: 1"];
  await using rig = Rig.answering(ok("ok", ...lines), { engine });
  const answer = await rig.ask(head("GET /"), 2);
  assertEquals(values(answer, "content-length"), ["2"]);
  assertEquals([values(answer, "content-type"), values(answer, "x-a")], [["text/x"], []]);
});

item(16, "Connection cannot remove Host or Content-Length", FETCH, async (engine) => {
  const request = await seen(engine, "Connection: Host, Content-Length");
  assertEquals(values(request, "host"), ["app.example"]);
});

item(16, "Connection cannot remove what says who the client is", async (engine) => {
  const request = await seen(engine, "Connection: X-Forwarded-For, X-Real-Ip");
  assertEquals(values(request, "x-forwarded-for"), ["127.0.0.1"]);
  assertEquals(values(request, "x-real-ip"), ["127.0.0.1"]);
});

item(17, "Proxy-Authorization ends here, Authorization does not", async (engine) => {
  const request = await seen(engine, "proxy-authorization: Basic x", "Authorization: Basic y");
  assertEquals(values(request, "proxy-authorization"), []);
  assertEquals(values(request, "authorization"), ["Basic y"]);
});

item(18, "TE: trailers is passed on with its Connection", RELAY, async (engine) => {
  const request = await seen(engine, "TE: trailers", "Connection: TE");
  assertEquals(values(request, "te"), ["trailers"]);
  assertEquals(values(request, "connection").map((value) => value.toLowerCase()), ["te"]);
});

item(18, "TE: trailers is removed", FETCH, async (engine) => {
  assertEquals(values(await seen(engine, "TE: trailers", "Connection: TE"), "te"), []);
});

item(19, "nothing is added but who the client is", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask(head("GET /"), 2);
  assertEquals(asSent(rig.heads[0]), head("GET /"));
});

item(19, "no User-Agent, Accept or Accept-Language is invented", FETCH, async (engine) => {
  const bare = await seen(engine);
  assertEquals(values(bare, "user-agent"), [""]);
  assertEquals(values(bare, "accept-language"), [""]);
  assertEquals(values(bare, "accept"), ["*/*"]);
  const full = await seen(engine, "User-Agent: curl", "Accept: text/x", "Accept-Language: de");
  assertEquals(values(full, "user-agent"), ["curl"]);
  assertEquals(values(full, "accept"), ["text/x"]);
  assertEquals(values(full, "accept-language"), ["de"]);
});

item(20, "K35 B37 Host is kept", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  await rig.ask("GET / HTTP/1.1\r\nHost: Custom.Example.com:8080\r\n\r\n");
  assertEquals(values(rig.heads[0] ?? "", "host"), ["Custom.Example.com:8080"]);
});

item(24, "Date and Server stay as the application sent them", async (engine) => {
  await using rig = Rig.answering(ok("", DATE, "Server: app"), { engine });
  const answer = await rig.ask(head("GET /"));
  assertEquals([`Date: ${values(answer, "date")}`, values(answer, "server")], [DATE, ["app"]]);
});

item(24, "a missing Date is added, a missing Server is not", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const answer = await rig.ask(head("GET /"));
  assertMatch(values(answer, "date").join(), /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assertEquals(values(answer, "server"), []);
});

item(26, "unknown headers are untouched", async (engine) => {
  const request = await seen(engine, "Traceparent: 00-a-b-01", "Priority: u=1", "Early-Data: 1");
  const got = ["traceparent", "priority", "early-data"].map((name) => values(request, name)[0]);
  assertEquals(got, ["00-a-b-01", "u=1", "1"]);
});

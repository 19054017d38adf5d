import { assertEquals, assertMatch } from "@std/assert";
import type { AccessEntry } from "../../src/proxy/access_log.ts";
import { openAccessLog } from "../../src/proxy/access_log_file.ts";
import type { EngineName } from "../../src/proxy/engines.ts";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok, RawConnection } from "./raw.ts";
import { Rig, until, values } from "./rig.ts";

const FORGED = [
  "X-Forwarded-For: 1.2.3.4",
  "X-Forwarded-For: 5.6.7.8",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: evil",
  "X-Forwarded-Port: 1",
  "X-Real-IP: 1.2.3.4",
  "Forwarded: for=1.2.3.4",
  "X-Forwarded-Server: evil",
];

const isTrusted = (ip: string) => ip === "127.0.0.1";

/** The head that the upstream sees. */
async function seen(
  engine: EngineName,
  options: ConstructorParameters<typeof Rig>[1],
  ...headers: string[]
): Promise<string> {
  await using rig = Rig.answering(ok(), { engine, ...options });
  await rig.ask(head("GET /", ...headers), 2);
  return rig.heads[0] ?? "";
}

item([21, 22], "K36 forwarding headers of an untrusted peer are replaced", async (engine) => {
  const request = await seen(engine, {}, ...FORGED, "X-Other: kept");
  assertEquals(values(request, "x-forwarded-for"), ["127.0.0.1"]);
  assertEquals(values(request, "x-forwarded-proto"), ["http"]);
  assertEquals(values(request, "x-forwarded-host"), ["app.example"]);
  assertEquals(values(request, "x-forwarded-port"), ["80"]);
  assertEquals(values(request, "x-real-ip"), ["127.0.0.1"]);
  assertEquals(values(request, "forwarded"), []);
  assertEquals(values(request, "x-forwarded-server"), []);
  assertEquals(values(request, "x-other"), ["kept"]);
});

item(21, "K37 a trusted peer is appended, repeats are folded", async (engine) => {
  const lines = ["X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2", "Forwarded: for=x"];
  const request = await seen(engine, { isTrusted }, ...lines);
  assertEquals(values(request, "x-forwarded-for"), ["1.1.1.1, 2.2.2.2, 127.0.0.1"]);
  assertEquals(values(request, "forwarded"), ["for=x"]);
  assertEquals(values(request, "x-forwarded-proto"), ["http"]);
});

item(21, "what a trusted peer says of scheme, host and port is kept", async (engine) => {
  const lines = ["X-Forwarded-Proto: https", "X-Forwarded-Host: a.example", "X-Forwarded-Port: 8"];
  const request = await seen(engine, { isTrusted }, ...lines);
  assertEquals(values(request, "x-forwarded-proto"), ["https"]);
  assertEquals(values(request, "x-forwarded-host"), ["a.example"]);
  assertEquals(values(request, "x-forwarded-port"), ["8"]);
});

item([16, 21], "Connection cannot remove what a trusted peer says", async (engine) => {
  const said = ["X-Forwarded-Proto: https", "X-Forwarded-Host: a.example", "Forwarded: for=x"];
  const names = "Connection: X-Forwarded-Proto, x-forwarded-host, Forwarded";
  const request = await seen(engine, { isTrusted }, names, ...said);
  assertEquals(values(request, "x-forwarded-proto"), ["https"]);
  assertEquals(values(request, "x-forwarded-host"), ["a.example"]);
  assertEquals(values(request, "forwarded"), ["for=x"]);
});

item(21, "their look-alikes with underscores are removed, too", async (engine) => {
  const forged = ["X_Forwarded_For: 6.6.6.6", "x-forwarded_proto: https", "X_REAL_IP: 6.6.6.6"];
  for (const options of [{}, { isTrusted }]) {
    const request = await seen(engine, options, ...forged, "X_Other: kept");
    assertEquals(/6\.6\.6\.6|https/.test(request), false, request);
    assertEquals(values(request, "x_other"), ["kept"]);
  }
});

item(22, "Forwarded is sent on request, quoted where needed", RELAY, async (engine) => {
  const options = { engine, forwarded: true, hostname: "::1" };
  await using rig = Rig.answering(ok(), options);
  await using client = await RawConnection.open(rig.proxy.port, "::1");
  await client.write("GET / HTTP/1.1\r\nHost: app.example:81\r\nForwarded: for=evil\r\n\r\n");
  await client.readHead();
  const forwarded = values(rig.heads[0] ?? "", "forwarded");
  assertEquals(forwarded.length, 1);
  const parts = forwarded.join().split(";").map((part) => part.trim()).toSorted();
  assertEquals(parts, ['for="[::1]"', 'host="app.example:81"', "proto=http"]);
});

item(22, "Forwarded of a trusted peer is continued", RELAY, async (engine) => {
  const request = await seen(engine, { isTrusted, forwarded: true }, "Forwarded: for=1.1.1.1");
  const elements = values(request, "forwarded").join().split(",").map((part) => part.trim());
  assertEquals([elements.length, elements[0]], [2, "for=1.1.1.1"]);
  assertMatch(elements[1] ?? "", /for=127\.0\.0\.1/);
});

item(22, "Forwarded is never made here", FETCH, async (engine) => {
  const request = await seen(engine, { forwarded: true });
  assertEquals(values(request, "forwarded"), []);
});

item(23, "Via is added only on request, after what is there", RELAY, async (engine) => {
  assertEquals(values(await seen(engine, {}), "via"), []);
  assertEquals(values(await seen(engine, {}, "Via: 1.0 a"), "via"), ["1.0 a"]);
  const request = await seen(engine, { via: "edge" }, "Via: 1.0 a");
  assertEquals(values(request, "via").join(", "), "1.0 a, 1.1 edge");
});

item(23, "Via is passed on, none is added", FETCH, async (engine) => {
  assertEquals(values(await seen(engine, { via: "edge" }, "Via: 1.0 a"), "via"), ["1.0 a"]);
});

/** What the access log is told of one request. */
async function logged(
  engine: EngineName,
  options: ConstructorParameters<typeof Rig>[1],
  request: string,
): Promise<AccessEntry> {
  const entries: AccessEntry[] = [];
  const accessLog = { record: (entry: AccessEntry) => void entries.push(entry) };
  await using rig = Rig.answering(ok(), { engine, accessLog, ...options });
  await rig.ask(request, 2);
  await until(() => entries.length === 1, "the entry of the request");
  return entries[0] as AccessEntry;
}

item(72, "the client's address is found from right to left, past trusted peers", async (engine) => {
  const trusts = (ip: string) => ip === "127.0.0.1" || ip === "10.0.0.1";
  const cases = [
    ["6.6.6.6, 9.9.9.9, 10.0.0.1", "9.9.9.9"],
    ["6.6.6.6, junk, 10.0.0.1", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.1"],
  ] as const;
  for (const [list, client] of cases) {
    const request = head("GET /", `X-Forwarded-For: ${list}`);
    assertEquals((await logged(engine, { isTrusted: trusts }, request)).client, client, list);
    assertEquals((await logged(engine, {}, request)).client, "127.0.0.1");
  }
});

item(72, "the access log is told what the client sent", async (engine) => {
  const lines = ['User-Agent: a"b\xe9', "Referer: http://a/"];
  const entry = await logged(engine, {}, head("GET /a?b", ...lines));
  const { method, target, protocol, host, userAgent, referer, status, responseBytes } = entry;
  assertEquals([method, target, protocol, host], ["GET", "/a?b", "HTTP/1.1", "app.example"]);
  assertEquals([userAgent, referer], ['a"b\xe9', "http://a/"]);
  assertEquals([status, responseBytes, entry.backend, entry.tries], [200, 2, "a", 1]);
});

item(72, "no client can write lines of its own into the access log", async (engine) => {
  const path = await Deno.makeTempFile();
  const lines = ['User-Agent: a"b\\\xe9 evil', 'Referer: "\t- 200'];
  const request = head('GET /"\\x|', ...lines);
  for (const format of ["combined", "json"] as const) {
    const accessLog = await openAccessLog({ path, format, onError: () => {} });
    await using rig = Rig.answering(ok(), { engine, accessLog });
    await rig.everything(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    await until(() => rig.proxy.counters.inFlight === 0, "the request to end");
    await accessLog.close();
    const text = await Deno.readTextFile(path);
    await Deno.truncate(path);
    assertEquals(text.match(/\n/g)?.length, 1, text);
    // deno-lint-ignore no-control-regex -- exactly these must not be there.
    assertEquals(/[\x00-\x09\x0b-\x1f\x7f]/.test(text), false, text);
    if (format === "json") assertEquals(JSON.parse(text).user_agent, 'a"b\\\xe9 evil');
    else assertEquals(text.match(/(?<!\\)"/g)?.length, 6, text);
  }
  await Deno.remove(path);
});

item(72, "the PROXY protocol is believed only if on and trusted", RELAY, async (engine) => {
  const preamble = "PROXY TCP4 9.9.9.9 127.0.0.1 1234 80\r\n";
  const on = { engine, proxyProtocol: true };
  await using rig = Rig.answering(ok(), { ...on, isTrusted });
  await rig.ask(preamble + head("GET /"), 2);
  assertEquals(values(rig.heads[0] ?? "", "x-real-ip"), ["9.9.9.9"]);
  await using untrusting = Rig.answering(ok(), on);
  assertEquals((await untrusting.everything(preamble + head("GET /"))).includes(" 200 "), false);
  await using off = Rig.answering(ok(), { engine, isTrusted });
  assertMatch(await off.everything(preamble + head("GET /")), /^HTTP\/1.1 400 /);
  assertEquals([...untrusting.heads, ...off.heads], []);
});

import { assertEquals } from "@std/assert";
import { head, ok } from "./raw.ts";
import { Rig, values } from "./rig.ts";

/** The head that the upstream sees for a GET with these headers. */
async function seen(...headers: string[]): Promise<string> {
  await using rig = Rig.answering();
  await rig.ask(head("GET /", ...headers), 2);
  return rig.heads[0] ?? "";
}

Deno.test("item 13 K42 Set-Cookie lines stay apart and in order", async () => {
  await using rig = Rig.answering(ok("", "Set-Cookie: a=1", "X: y", "Set-Cookie: b=2"));
  assertEquals(values(await rig.ask(head("GET /")), "set-cookie"), ["a=1", "b=2"]);
});

Deno.test("item 14 header bytes above 127 pass both ways", async () => {
  await using rig = Rig.answering(ok("", "X-B: caf\xe9\x80"));
  const answer = await rig.ask(head("GET /", "X-A: caf\xe9\xff"));
  assertEquals(values(rig.heads[0] ?? "", "x-a"), ["caf\xe9\xff"]);
  assertEquals(values(answer, "x-b"), ["caf\xe9\x80"]);
});

Deno.test("item 15 item 16 hop-by-hop headers end here, on the way in", async () => {
  const names = ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade"];
  const request = await seen(
    "Connection: close, X-Private",
    "Keep-Alive: 5",
    "Proxy-Connection: x",
    "TE: trailers",
    "Trailer: X",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
    "X-Private: 1",
    "X-Public: 1",
    "Proxy-Authorization: Basic x",
  );
  for (const name of [...names, "X-Private", "HTTP2-Settings", "Proxy-Authorization"]) {
    assertEquals(values(request, name), [], name);
  }
  assertEquals(values(request, "x-public"), ["1"]);
});

Deno.test("item 15 item 16 hop-by-hop headers end here, on the way out", async () => {
  const hop = ["Connection: X-Private", "Keep-Alive: timeout=9", "X-Private: 1", "Upgrade: h2c"];
  await using rig = Rig.answering(ok("", ...hop, "X-Public: 1"));
  const answer = await rig.ask(head("GET /"));
  for (const name of ["connection", "keep-alive", "x-private", "upgrade"]) {
    assertEquals(values(answer, name), [], name);
  }
  assertEquals(values(answer, "x-public"), ["1"]);
});

Deno.test("item 16 Connection cannot remove Host or Content-Length", async () => {
  const request = await seen("Connection: Host, Content-Length");
  assertEquals(values(request, "host"), ["app.example"]);
});

Deno.test("item 19 no User-Agent, Accept or Accept-Language is invented", async () => {
  const bare = await seen();
  assertEquals(values(bare, "user-agent"), [""]);
  assertEquals(values(bare, "accept-language"), [""]);
  assertEquals(values(bare, "accept"), ["*/*"]);
  const full = await seen("User-Agent: curl", "Accept: text/x", "Accept-Language: de");
  assertEquals(values(full, "user-agent"), ["curl"]);
  assertEquals(values(full, "accept"), ["text/x"]);
  assertEquals(values(full, "accept-language"), ["de"]);
});

Deno.test("item 20 K35 B37 Host is kept", async () => {
  await using rig = Rig.answering();
  await rig.ask("GET / HTTP/1.1\r\nHost: Custom.Example.com:8080\r\n\r\n");
  assertEquals(values(rig.heads[0] ?? "", "host"), ["Custom.Example.com:8080"]);
});

Deno.test("item 21 item 22 K36 forwarding headers of an untrusted peer are replaced", async () => {
  const request = await seen(
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-For: 5.6.7.8",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil",
    "X-Real-IP: 1.2.3.4",
    "Forwarded: for=1.2.3.4",
    "X-Forwarded-Server: evil",
    "X-Other: kept",
  );
  assertEquals(values(request, "x-forwarded-for"), ["127.0.0.1"]);
  assertEquals(values(request, "x-forwarded-proto"), ["http"]);
  assertEquals(values(request, "x-forwarded-host"), ["app.example"]);
  assertEquals(values(request, "x-real-ip"), ["127.0.0.1"]);
  assertEquals(values(request, "forwarded"), []);
  assertEquals(values(request, "x-forwarded-server"), []);
  assertEquals(values(request, "x-other"), ["kept"]);
});

Deno.test("item 21 K37 a trusted peer is appended, repeats are folded", async () => {
  await using rig = Rig.answering(ok(), { isTrusted: (ip) => ip === "127.0.0.1" });
  await rig.ask(
    head("GET /", "X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2", "Forwarded: for=x"),
  );
  const request = rig.heads[0] ?? "";
  assertEquals(values(request, "x-forwarded-for"), ["1.1.1.1, 2.2.2.2, 127.0.0.1"]);
  assertEquals(values(request, "forwarded"), ["for=x"]);
  assertEquals(values(request, "x-forwarded-proto"), ["http"]);
});

Deno.test("item 24 Date and Server stay as the application sent them", async () => {
  const date = "Mon, 01 Jan 2024 00:00:00 GMT";
  await using rig = Rig.answering(ok("", `Date: ${date}`, "Server: app"));
  const answer = await rig.ask(head("GET /"));
  assertEquals([values(answer, "date"), values(answer, "server")], [[date], ["app"]]);
});

Deno.test("item 26 unknown headers are untouched", async () => {
  const request = await seen("Traceparent: 00-a-b-01", "Priority: u=1", "Early-Data: 1");
  const got = ["traceparent", "priority", "early-data"].map((name) => values(request, name)[0]);
  assertEquals(got, ["00-a-b-01", "u=1", "1"]);
});

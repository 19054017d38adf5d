import { assertEquals, assertMatch } from "@std/assert";
import { item, RELAY } from "./item.ts";
import { head, ok, RawConnection } from "./raw.ts";
import { Rig, startProxy, values } from "./rig.ts";
/** Everything an error of ours must have, in the form that was asked for. */
function assertOwnError(answer: string, status: number, type: string): string {
  assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
  assertEquals(values(answer, "content-type").join().split(";")[0], type);
  assertEquals(values(answer, "cache-control"), ["no-store"]);
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  assertEquals(values(answer, "content-length"), [String(body.length)]);
  return body;
}

const TYPES = [
  ["", "text/plain"],
  ["Accept: text/html,application/xhtml+xml,*/*;q=0.8", "text/html"],
  ["Accept: application/json", "application/json"],
  ["Accept: text/plain;q=0.5, application/json;q=0.1", "text/plain"],
  ["Accept: image/png", "text/plain"],
] as const;

item(71, "an error of ours has the form that the client prefers", async (engine) => {
  await using rig = new Rig(async () => {}, { engine });
  rig.proxy.replace([]);
  for (const [accept, type] of TYPES) {
    const lines = accept === "" ? [] : [accept];
    const proxy = startProxy({ engine, queueTimeoutMs: 1 });
    await using client = await RawConnection.open(proxy.port);
    await client.write(head("GET /", "Connection: close", ...lines));
    const answer = await client.readAll();
    const body = assertOwnError(answer, 503, type);
    assertEquals(values(answer, "retry-after"), ["1"]);
    if (type === "application/json") assertEquals(JSON.parse(body).status, 503);
    if (type === "text/html") assertMatch(body, /<h1>503 /);
    await proxy.shutdown({ drainTimeoutMs: 0 });
  }
});

item(71, "an error of ours to HEAD has a length and no body", async (engine) => {
  const proxy = startProxy({ engine, queueTimeoutMs: 1 });
  await using client = await RawConnection.open(proxy.port);
  await client.write(head("HEAD /", "Connection: close"));
  const answer = await client.readAll();
  assertMatch(answer, /^HTTP\/1.1 503 .*\r\n\r\n$/s);
  assertEquals(Number(values(answer, "content-length")[0]) > 0, true);
  await proxy.shutdown({ drainTimeoutMs: 0 });
});

item(71, "an error of ours names no port, host or path of the application", async (engine) => {
  await using rig = new Rig(async (conn) => void await conn.readHead(), { engine });
  const answer = await rig.everything(
    head("POST /secret", "Connection: close", "Content-Length: 0"),
  );
  const body = assertOwnError(answer, 502, "text/plain");
  for (const leak of [String(rig.upstream.port), "127.0.0.1", "/secret", "os error"]) {
    assertEquals(body.includes(leak), false, leak);
  }
});

item(71, "refusals of the parser have that form, too", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const cases = [
    ["GET / HTTP/1.1\r\nAccept: application/json\r\n\r\n", 400],
    ["GET / HTTP/2.0\r\nAccept: application/json\r\n\r\n", 505],
    [head("GET /", "Accept: application/json", "Expect: x"), 417],
    [head("CONNECT a:80", "Accept: application/json"), 405],
  ] as const;
  for (const [request, status] of cases) {
    const body = assertOwnError(await rig.everything(request), status, "application/json");
    assertEquals(JSON.parse(body).status, status);
  }
});

item(71, "a connection can go on after an error of ours", async (engine) => {
  let dies = true;
  await using rig = new Rig(async (conn) => {
    await conn.readHead();
    if (!dies) await conn.write(ok());
    dies = false;
  }, { engine });
  await using client = await rig.connect();
  await client.write(head("POST /", "Content-Length: 0"));
  const answer = await client.readHead() ?? "";
  assertMatch(answer, /^HTTP\/1.1 502 /);
  await client.readExactly(Number(values(answer, "content-length")[0]));
  await client.write(head("GET /"));
  assertMatch(await client.readHead() ?? "", /^HTTP\/1.1 200 /);
});

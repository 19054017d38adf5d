import { assertEquals, assertStringIncludes } from "@std/assert";
import { equalSecrets } from "../../../src/control/equal.ts";
import { ROUTES } from "../../../src/control/routes/mod.ts";
import { HttpConnection } from "../../helpers/http.ts";
import { ALLOWED, Rig, TOKEN } from "./rig.ts";

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).code];
}

/** The head and body of an answer to a client that says exactly what it is told to. */
async function raw(
  rig: Rig,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  using connection = await HttpConnection.connect(rig.port);
  return await connection.ask(path, { method, headers });
}

for (
  const [what, headers] of Object.entries({
    "no token": {},
    "a wrong token": { authorization: `Bearer ${TOKEN.replace("c", "k")}` },
    "the beginning of the token": { authorization: `Bearer ${TOKEN.slice(0, -1)}` },
    "more than the token": { authorization: `Bearer ${TOKEN}x` },
    "an empty token": { authorization: "Bearer " },
    "the token without a scheme": { authorization: TOKEN },
    "the token as a password": { authorization: `Basic ${btoa(`liveroll:${TOKEN}`)}` },
  })
) {
  Deno.test(`with ${what} nothing can be read or done over TCP`, async () => {
    await using rig = await Rig.start();
    const asks = [["GET", "/v1/status"], ["GET", "/metrics"], ["POST", "/v1/stop"]] as const;
    for (const [method, path] of asks) {
      const response = await rig.tcp(path, { method, headers });
      assertStringIncludes(response.headers.get("www-authenticate") ?? "", "Bearer");
      assertEquals(await codeOf(response), [401, "unauthorized"], path);
    }
    assertEquals(rig.operator.asked, []);
  });
}

Deno.test("every route but health and webhooks needs the token", async () => {
  await using rig = await Rig.start({ webhookSecret: "s" });
  const open: string[] = [];
  for (const { method, path } of ROUTES) {
    const response = await rig.tcp(path.replace(/\{\w+\}/, "1"), { method });
    const authenticate = response.headers.get("www-authenticate");
    await response.body?.cancel();
    if (response.status !== 401 || authenticate === null) open.push(path);
  }
  assertEquals(open, ["/v1/healthz", "/v1/hooks/update", "/v1/hooks/update/{secret}", "/healthz"]);
});

Deno.test("with the token everything can be done over TCP, however the scheme is spelled", async () => {
  await using rig = await Rig.start();
  for (const authorization of [`Bearer ${TOKEN}`, `bearer  ${TOKEN} `]) {
    const response = await rig.tcp("/v1/pause", { method: "POST", headers: { authorization } });
    assertEquals((await response.json()).paused, true);
  }
});

Deno.test("with a token any Host and any Origin may be", async () => {
  await using rig = await Rig.start();
  const headers = { ...ALLOWED, host: "ops.example", origin: "https://ops.example" };
  assertEquals((await raw(rig, "POST", "/v1/pause", headers)).status, 200);
});

Deno.test("the socket needs no token, and looks at no Host or Origin", async () => {
  await using rig = await Rig.start();
  const response = await rig.unix("/v1/pause", {
    method: "POST",
    headers: { origin: "https://evil.example" },
  });
  await response.body?.cancel();
  assertEquals(response.status, 200);
});

const NO_TOKEN = { token: null };

for (const host of ["localhost", "LOCALHOST:80", "127.0.0.1:1", "127.9.9.9", "[::1]:8080"]) {
  Deno.test(`without a token ${host} is a name of this host`, async () => {
    await using rig = await Rig.start(NO_TOKEN);
    assertEquals((await raw(rig, "GET", "/v1/status", { host })).status, 200);
  });
}

for (
  const host of [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:80",
    "10.0.0.1",
    "user@evil.example",
    "127.0.0.1@evil.example",
    "",
  ]
) {
  Deno.test(`K33 without a token a page cannot come in by the name "${host}"`, async () => {
    await using rig = await Rig.start(NO_TOKEN);
    for (const [method, path] of [["GET", "/v1/status"], ["POST", "/v1/pause"]] as const) {
      const { status, text } = await raw(rig, method, path, { host });
      // What is no URL at all does not even reach us.
      assertEquals(status, text === "" ? 400 : 403, text);
    }
    assertEquals(rig.operator.asked, []);
  });
}

for (
  const origin of [
    "https://evil.example",
    "null",
    "http://localhost:1",
    "http://127.0.0.1",
    "http://127.0.0.1.evil.example",
    "",
  ]
) {
  Deno.test(`without a token a page from "${origin}" changes nothing`, async () => {
    await using rig = await Rig.start(NO_TOKEN);
    const response = await raw(rig, "POST", "/v1/pause", { origin });
    assertEquals([response.status, JSON.parse(response.text).code], [403, "forbidden"]);
    assertEquals(rig.operator.asked, []);
  });
}

Deno.test("without a token our own page may change things, and so may tools", async () => {
  await using rig = await Rig.start(NO_TOKEN);
  const origin = `http://127.0.0.1:${rig.port}`;
  assertEquals((await raw(rig, "POST", "/v1/pause", { origin })).status, 200);
  assertEquals((await raw(rig, "POST", "/v1/resume", {})).status, 200);
});

Deno.test("a form of a foreign page is refused by the type of its body, too", async () => {
  await using rig = await Rig.start(NO_TOKEN);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const response = await rig.tcp("/v1/pin", {
      body: '{"id":"v1"}',
      headers: { "content-type": type },
    });
    assertEquals(await codeOf(response), [415, "unsupported_media_type"], type);
  }
  assertEquals(rig.operator.asked, []);
});

Deno.test("a Host that is none is a mistake of the client, with and without a token", async () => {
  for (const token of [null, TOKEN]) {
    await using rig = await Rig.start({ token });
    assertEquals((await raw(rig, "GET", "/v1/status", { host: "a b" })).status, 400);
    assertEquals(rig.errors, []);
  }
});

Deno.test("secrets are compared by their digests, whatever their lengths", () => {
  assertEquals(equalSecrets("a", "a"), true);
  assertEquals(equalSecrets("", ""), true);
  for (const other of ["", "b", "aa", "A", "ä"]) assertEquals(equalSecrets("a", other), false);
});

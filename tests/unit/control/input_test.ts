import { assertEquals } from "@std/assert";
import { ManualClock, settled } from "../proxy/manual_clock.ts";
import { latin1, RawConnection } from "../../conformance/raw.ts";
import { type Ask, Rig } from "./rig.ts";

async function problemOf(rig: Rig, path: string, ask: Ask = {}) {
  const response = await rig.unix(path, ask);
  const { code, detail, field } = await response.json();
  return { status: response.status, code, detail, ...(field === undefined ? {} : { field }) };
}

const BAD = { status: 400, code: "bad_request" };

for (
  const [path, body, detail, field] of [
    ["/v1/pin", {}, "id is missing: a text of 1 to 1024 characters", "id"],
    ["/v1/pin", undefined, "id is missing: a text of 1 to 1024 characters", "id"],
    ["/v1/pin", { id: 5 }, "id is 5, not a text of 1 to 1024 characters", "id"],
    ["/v1/pin", { id: "" }, 'id is "", not a text of 1 to 1024 characters', "id"],
    ["/v1/pin", { id: null }, "id is null, not a text of 1 to 1024 characters", "id"],
    ["/v1/update", { id: ["a"] }, 'id is ["a"], not a text of 1 to 1024 characters, or null', "id"],
    ["/v1/update", { force: "yes" }, 'force is "yes", not true or false', "force"],
    ["/v1/update", { force: null }, "force is null, not true or false", "force"],
    [
      "/v1/update",
      { idd: "v1" },
      'The body has an unknown member "idd"; it may have id, target, force, dry_run',
      "idd",
    ],
    ["/v1/pause", { x: 1 }, 'The body has an unknown member "x"; nothing is expected', "x"],
    [
      "/v1/maintenance",
      {},
      "message is missing: a text of 1 to 1000 characters, or null",
      "message",
    ],
    ["/v1/pause", [1], "The body is [1], not a JSON object", undefined],
    ["/v1/pause", "null", "The body is null, not a JSON object", undefined],
    [
      "/v1/pin",
      '{"__proto__":{"id":"v1"}}',
      'The body has an unknown member "__proto__"; it may have id, dry_run',
      "__proto__",
    ],
  ] as const
) {
  Deno.test(`${path} with ${JSON.stringify(body)} is refused: ${detail}`, async () => {
    await using rig = await Rig.start();
    const ask = { method: "POST", ...(body === undefined ? {} : { body }) };
    const expected = { ...BAD, detail, ...(field === undefined ? {} : { field }) };
    assertEquals(await problemOf(rig, path, ask), expected);
    assertEquals(rig.operator.asked, []);
  });
}

Deno.test("a body that is not JSON, or not even text, is refused", async () => {
  await using rig = await Rig.start();
  const { status, detail } = await problemOf(rig, "/v1/pin", { body: '{"id":' });
  assertEquals([status, detail.startsWith("The body is not JSON: ")], [400, true]);
  await using connection = await RawConnection.open(rig.port);
  const head = "POST /v1/pin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
    "Authorization: Bearer correct-horse-battery-staple\r\nContent-Length: 2\r\n\r\n";
  await connection.writeBytes(latin1(`${head}"\xff`));
  assertEquals((await connection.readHead())?.split(" ")[1], "400");
});

Deno.test("orders without a body mean the usual", async () => {
  await using rig = await Rig.start();
  for (const path of ["/v1/update", "/v1/rollback", "/v1/retry"]) {
    const response = await rig.unix(path, { method: "POST" });
    assertEquals([response.status, await response.json()], [202, { request: 7 }]);
  }
  assertEquals(rig.operator.asked, [
    { kind: "update", id: null, force: false, by: "command" },
    { kind: "rollback", id: null },
    { kind: "retry" },
  ]);
});

Deno.test("what is in the body is what is ordered", async () => {
  await using rig = await Rig.start();
  const bodies = {
    "/v1/update": { id: "v2", force: true },
    "/v1/rollback": { id: "v1" },
    "/v1/pin": { id: "v 3/ä" },
    "/v1/skip": { id: "v4" },
    "/v1/maintenance": { message: "back at noon" },
  };
  for (const [path, body] of Object.entries(bodies)) {
    await (await rig.unix(path, { body })).body?.cancel();
  }
  assertEquals(rig.operator.asked, [
    { kind: "update", id: "v2", force: true, by: "command" },
    { kind: "rollback", id: "v1" },
    { kind: "pin", id: "v 3/ä" },
    { kind: "skip", id: "v4" },
    { kind: "maintenance", message: "back at noon" },
  ]);
});

for (
  const [path, detail, field] of [
    ["/v1/history?limit=0", 'limit is "0", not a whole number from 1 to 1000', "limit"],
    ["/v1/history?limit=1001", 'limit is "1001", not a whole number from 1 to 1000', "limit"],
    ["/v1/history?limit=-1", 'limit is "-1", not a whole number from 1 to 1000', "limit"],
    ["/v1/history?limit=1e2", 'limit is "1e2", not a whole number from 1 to 1000', "limit"],
    ["/v1/history?limit=", 'limit is "", not a whole number from 1 to 1000', "limit"],
    ["/v1/history?limit=1&limit=2", '"limit" came twice', "limit"],
    ["/v1/history?n=1", '/v1/history knows no parameter "n"; it knows limit', "n"],
    ["/v1/status?x", '/v1/status knows no parameter "x"', "x"],
    ["/v1/logs?follow=1", 'follow is "1", not true or false', "follow"],
    ["/v1/events?output=yes", 'output is "yes", not true or false', "output"],
    ["/v1/rolls/one", 'id is "one", not a number', "id"],
    ["/v1/rolls/-1/logs", 'id is "-1", not a number', "id"],
    ["/v1/requests/0", 'id is "0", not a number', "id"],
    ["/v1/rolls/%ff", "The path is not valid percent-encoded UTF-8", undefined],
  ] as const
) {
  Deno.test(`${path} is refused: ${detail}`, async () => {
    await using rig = await Rig.start();
    const expected = { ...BAD, detail, ...(field === undefined ? {} : { field }) };
    assertEquals(await problemOf(rig, path), expected);
  });
}

Deno.test("limits reach the operator, and have a default", async () => {
  await using rig = await Rig.start();
  const paths = ["/v1/history", "/v1/history?limit=5", "/v1/why", "/v1/logs", "/v1/rolls/1/logs"];
  for (const path of paths) await (await rig.unix(path)).body?.cancel();
  assertEquals(rig.operator.asked, [
    ["history", { limit: 20 }],
    ["history", { limit: 5 }],
    ["decisions", { limit: 50 }],
    ["output", { roll: null, limit: 100 }],
    ["output", { roll: 1, limit: 100 }],
  ]);
});

Deno.test("a body of more than 64 KiB is refused, announced or not", async () => {
  await using rig = await Rig.start();
  const body = JSON.stringify({ id: "x".repeat(65_536) });
  const expected = { status: 413, code: "too_large", detail: "The body is longer than 64 KiB" };
  assertEquals(await problemOf(rig, "/v1/pin", { body }), expected);
  const parts = ReadableStream.from([new TextEncoder().encode(body)]);
  const response = await fetch(`http://127.0.0.1:${rig.port}/v1/pin`, {
    method: "POST",
    body: parts,
    headers: { authorization: "Bearer correct-horse-battery-staple" },
  });
  assertEquals([response.status, (await response.json()).code], [413, "too_large"]);
});

Deno.test("a body of 64 KiB is read", async () => {
  await using rig = await Rig.start();
  const body = '{"id":"v1"' + " ".repeat(65_525) + "}";
  assertEquals(body.length, 65_536);
  const response = await rig.unix("/v1/pin", { body });
  assertEquals([response.status, await response.json()], [202, { request: 7 }]);
});

Deno.test("a body that does not come ends after ten seconds", async () => {
  const clock = new ManualClock();
  await using rig = await Rig.start({ clock });
  await using connection = await RawConnection.open(rig.port);
  const head = "POST /v1/pin HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
    "Authorization: Bearer correct-horse-battery-staple\r\nContent-Length: 20\r\n\r\n";
  await connection.writeBytes(latin1(`${head}{"id`));
  // First its head is waited for.
  while (clock.slept < 2) await settled();
  await clock.advance(10_000);
  assertEquals((await connection.readHead())?.split(" ")[1], "408");
});

Deno.test("what is not there is 404, and another method 405 with those that are", async () => {
  await using rig = await Rig.start();
  for (
    const path of ["/", "/v1", "/v1/", "/v1/status/", "/v2/status", "/v1/rolls/", "/V1/status"]
  ) {
    assertEquals((await problemOf(rig, path)).code, "not_found", path);
  }
  const asks = [["PUT", "/v1/status", "GET, HEAD"], ["GET", "/v1/update", "POST"]] as const;
  for (const [method, path, allow] of asks) {
    const response = await rig.unix(path, { method });
    assertEquals((await response.json()).code, "method_not_allowed");
    assertEquals([response.status, response.headers.get("allow")], [405, allow]);
  }
});

Deno.test("HEAD is GET without the body", async () => {
  await using rig = await Rig.start();
  for (const path of ["/v1/status", "/v1/events", "/v1/logs?follow=true"]) {
    const response = await rig.unix(path, { method: "HEAD" });
    assertEquals([response.status, await response.text()], [200, ""]);
  }
  assertEquals(rig.operator.listeners, 0);
});

for (
  const [reason, status] of [
    ["busy", 409],
    ["conflict", 409],
    ["unknown_version", 404],
    ["unavailable", 503],
  ] as const
) {
  Deno.test(`an order that is refused as ${reason} is answered ${status}`, async () => {
    await using rig = await Rig.start();
    rig.operator.answer = { accepted: false, reason, detail: "roll 3 is under way", roll: 3 };
    const response = await rig.unix("/v1/update", { method: "POST" });
    assertEquals(response.headers.get("content-type"), "application/problem+json");
    const { code, detail, roll } = await response.json();
    assertEquals([response.status, code, detail, roll], [status, reason, "roll 3 is under way", 3]);
  });
}

Deno.test("a setting is answered with all settings, or with why nothing has changed", async () => {
  await using rig = await Rig.start();
  const response = await rig.unix("/v1/pause", { method: "POST" });
  assertEquals(await response.json(), rig.operator.current.settings);
  rig.operator.problem = new Error("the disk is full");
  assertEquals(await problemOf(rig, "/v1/resume", { method: "POST" }), {
    status: 503,
    code: "unavailable",
    detail: "Nothing has changed: the disk is full",
  });
});

Deno.test("stop is answered before the server is gone", async () => {
  await using rig = await Rig.start();
  let closed: Promise<void> | null = null;
  rig.operator.stop = () => void (closed = rig.server.close());
  const response = await rig.unix("/v1/stop", { method: "POST" });
  assertEquals([response.status, await response.json()], [202, { state: "stopping" }]);
  await closed;
});

Deno.test("a body that is cut is nothing that nobody expected", async () => {
  await using rig = await Rig.start({ webhookSecret: "0123456789abcdef" });
  await using connection = await RawConnection.open(rig.port);
  await connection.write(
    "POST /v1/hooks/update HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ncut",
  );
  await connection.closeWrite();
  assertEquals(await connection.read(), null);
  assertEquals(rig.errors, []);
});

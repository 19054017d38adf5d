import { assertEquals, assertStringIncludes } from "@std/assert";
import { createHmac } from "node:crypto";
import { Replays } from "../../../../src/control/webhook/replays.ts";
import { Rig } from "../rig.ts";

const SECRET = "It's a Secret to Everybody";
const NOW_S = 1_800_000_000;
const ORDER = { kind: "update", id: null, force: false, by: "webhook" };

/** A server whose time the test sets. */
async function start(secret: string | null = SECRET) {
  const time = { ms: NOW_S * 1000 };
  const rig = await Rig.start({ webhookSecret: secret, date: () => time.ms });
  return { rig, time };
}

function hmac(text: string, secret = SECRET): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

function github(body: string, event = "release", delivery = "d-1"): Record<string, string> {
  return {
    "x-hub-signature-256": `sha256=${hmac(body)}`,
    "x-github-event": event,
    "x-github-delivery": delivery,
  };
}

function generic(body: string, seconds = NOW_S, secret = SECRET): Record<string, string> {
  const signature = hmac(`${seconds}.${body}`, secret);
  return { "x-liveroll-signature": `t=${seconds},v1=${signature}` };
}

/** Status and result, or code, of a delivery over TCP without a token. */
async function deliver(rig: Rig, headers: Record<string, string>, body: string, path = "") {
  const response = await rig.tcp(`/v1/hooks/update${path}`, { body, headers, method: "POST" });
  const { result, code } = await response.json();
  return [response.status, result ?? code];
}

Deno.test("GitHub's own example of a signature is valid", () => {
  const known = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  assertEquals(hmac("Hello, World!"), known);
});

Deno.test("a delivery that GitHub has signed becomes an order", async () => {
  const { rig } = await start();
  await using _ = rig;
  const body = "Hello, World!";
  const response = await rig.tcp("/v1/hooks/update", { body, headers: github(body) });
  assertEquals(response.status, 202);
  assertEquals(await response.json(), { result: "accepted", request: 7 });
  assertEquals(rig.operator.asked, [ORDER]);
});

for (const event of ["push", "package", "registry_package", "workflow_run", "create"]) {
  Deno.test(`GitHub's ${event} may come with a new version`, async () => {
    const { rig } = await start();
    await using _ = rig;
    assertEquals(await deliver(rig, github("{}", event), "{}"), [202, "accepted"]);
  });
}

Deno.test("a ping of GitHub is answered, other events are ignored, both without an order", async () => {
  const { rig } = await start();
  await using _ = rig;
  assertEquals(await deliver(rig, github("{}", "ping"), "{}"), [200, "pong"]);
  assertEquals(await deliver(rig, github("{}", "issues"), "{}"), [202, "ignored"]);
  assertEquals(rig.operator.asked, []);
});

Deno.test("a delivery that comes again is told so, and ordered once", async () => {
  const { rig } = await start();
  await using _ = rig;
  await deliver(rig, github("{}"), "{}");
  assertEquals(await deliver(rig, github("{}"), "{}"), [200, "already_taken"]);
  const renamed = github("{}", "release", "d-2");
  assertEquals(await deliver(rig, renamed, "{}"), [200, "already_taken"]);
  const reused = github('{"b":1}', "release", "d-1");
  assertEquals(await deliver(rig, reused, '{"b":1}'), [200, "already_taken"]);
  assertEquals(rig.operator.asked, [ORDER]);
});

for (
  const [what, headers] of Object.entries({
    "no signature": {},
    "an empty signature": { "x-hub-signature-256": "" },
    "GitHub's old signature": { "x-hub-signature": "sha1=00" },
    "a signature without its scheme": { "x-hub-signature-256": hmac("{}") },
    "a short signature": { "x-hub-signature-256": `sha256=${hmac("{}").slice(0, -1)}` },
    "the signature of another body": { "x-hub-signature-256": `sha256=${hmac("{ }")}` },
    "the signature of another secret": { "x-hub-signature-256": `sha256=${hmac("{}", "x")}` },
    "a time alone": { "x-liveroll-signature": `t=${NOW_S}` },
    "no time": { "x-liveroll-signature": `v1=${hmac("{}")}` },
    "another time than was signed": {
      "x-liveroll-signature": `t=${NOW_S + 1},v1=${hmac(`${NOW_S}.{}`)}`,
    },
    "a time that is no number": { "x-liveroll-signature": `t=now,v1=${hmac("now.{}")}` },
    "another secret": generic("{}", NOW_S, "x"),
  })
) {
  Deno.test(`a webhook with ${what} orders nothing`, async () => {
    const { rig } = await start();
    await using _ = rig;
    const event = { "x-github-event": "release" };
    assertEquals(await deliver(rig, { ...event, ...headers }, "{}"), [401, "unauthorized"]);
    assertEquals(rig.operator.asked, []);
  });
}

Deno.test("a signature with a time is valid once, for five minutes before and after", async () => {
  for (const [seconds, expected] of [[-300, 202], [300, 202], [-301, 401], [301, 401]] as const) {
    const { rig } = await start();
    await using _ = rig;
    const headers = generic("{}", NOW_S + seconds);
    assertEquals((await deliver(rig, headers, "{}"))[0], expected, `${seconds}`);
    if (expected === 401) continue;
    assertEquals(await deliver(rig, headers, "{}"), [200, "already_taken"]);
    assertEquals(rig.operator.asked, [ORDER]);
  }
});

Deno.test("an old signature says how old it is", async () => {
  const { rig } = await start();
  await using _ = rig;
  const response = await rig.tcp("/v1/hooks/update", {
    body: "{}",
    headers: generic("{}", NOW_S - 400),
  });
  assertStringIncludes((await response.json()).detail, "400 s old");
});

Deno.test("a signature from the future cannot be replayed when its time comes", async () => {
  const { rig, time } = await start();
  await using _ = rig;
  const headers = generic("{}", NOW_S + 299);
  await deliver(rig, headers, "{}");
  time.ms += 598_000;
  assertEquals(await deliver(rig, headers, "{}"), [200, "already_taken"]);
});

Deno.test("one of several signatures is enough, while a secret changes", async () => {
  const { rig } = await start();
  await using _ = rig;
  const signed = (secret: string) => `v1=${hmac(`${NOW_S}.{}`, secret)}`;
  const header = `t=${NOW_S}, ${signed("the next one")}, ${signed(SECRET)}`;
  assertEquals(await deliver(rig, { "x-liveroll-signature": header }, "{}"), [202, "accepted"]);
});

Deno.test("who cannot sign has the secret in the address", async () => {
  const { rig } = await start();
  await using _ = rig;
  const path = `/${encodeURIComponent(SECRET)}`;
  assertEquals(await deliver(rig, {}, "{}", path), [202, "accepted"]);
  assertEquals(await deliver(rig, {}, "{}", path), [202, "accepted"]);
  assertEquals(await deliver(rig, {}, "{}", path.slice(0, -1)), [401, "unauthorized"]);
  assertEquals(rig.operator.asked, [ORDER, ORDER]);
});

Deno.test("without a secret there are no webhooks, not even for an empty one", async () => {
  const { rig } = await start(null);
  await using _ = rig;
  const unsigned = { "x-hub-signature-256": `sha256=${hmac("{}", "")}` };
  assertEquals(await deliver(rig, unsigned, "{}"), [404, "not_found"]);
  assertEquals(await deliver(rig, {}, "{}", "/null"), [404, "not_found"]);
});

Deno.test("a delivery that was refused may come again", async () => {
  const { rig } = await start();
  await using _ = rig;
  const detail = "about to stop";
  rig.operator.answer = { accepted: false, reason: "unavailable", detail, roll: null };
  assertEquals(await deliver(rig, github("{}"), "{}"), [503, "unavailable"]);
  rig.operator.answer = { accepted: true, request: 8 };
  assertEquals(await deliver(rig, github("{}"), "{}"), [202, "accepted"]);
});

Deno.test("no answer shows the secret of the address", async () => {
  const { rig } = await start();
  await using _ = rig;
  const asks = [["POST", "/wrong-secret"], ["GET", "/wrong-secret"], ["POST", "/wrong-secret/x"]];
  for (const [method, path] of asks) {
    const response = await rig.tcp(`/v1/hooks/update${path}`, { method: method ?? "" });
    assertEquals((await response.text()).includes("wrong-secret"), false, `${method} ${path}`);
  }
});

Deno.test("deliveries are forgotten after an hour, and the oldest when there are too many", () => {
  const time = { ms: 0 };
  const replays = new Replays(() => time.ms);
  replays.take(["first"]);
  time.ms = 60 * 60_000;
  assertEquals(replays.take(["first"]), false);
  time.ms += 1;
  assertEquals(replays.take(["first"]), true);
  for (let i = 0; i < 4096; i++) replays.take([`${i}`]);
  assertEquals(replays.take(["4095"]), false);
  assertEquals(replays.take(["first"]), true);
});

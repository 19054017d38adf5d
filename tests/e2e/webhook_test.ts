import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHmac } from "node:crypto";
import document from "../../src/control/openapi.json" with { type: "json" };
import { Cli } from "../helpers/cli.ts";
import { Home } from "../helpers/home.ts";
import { type Answer, ask } from "../helpers/http.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { OpenApi } from "../helpers/openapi.ts";

const SECRET = "a-secret-that-nobody-guesses";
const TOKEN = "a-token-that-nobody-guesses";
const PATH = "/v1/hooks/update";
const BODY = JSON.stringify({ ref: "refs/tags/v2", repository: { full_name: "acme/blog" } });
const API = new OpenApi(document);

function hmac(text: string, secret = SECRET): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** As scripts sign. */
function generic(body: string, at = seconds(), secret = SECRET): Record<string, string> {
  return { "x-liveroll-signature": `t=${at},v1=${hmac(`${at}.${body}`, secret)}` };
}

/** As GitHub signs. */
function github(body: string, event = "push", secret = SECRET): Record<string, string> {
  return {
    "x-github-event": event,
    "x-github-delivery": crypto.randomUUID(),
    "x-hub-signature-256": `sha256=${hmac(body, secret)}`,
    "content-type": "application/json",
  };
}

/** Delivers something, and checks the answer against the description of the API. */
async function deliver(
  liveroll: Liveroll,
  headers: Record<string, string>,
  { body = BODY, path = PATH } = {},
): Promise<Answer & { json: Record<string, unknown> }> {
  const answer = await ask(liveroll.sparePort, path, { method: "POST", headers, body });
  const contentType = answer.headers.get("content-type") ?? "";
  const observed = { method: "POST", path, status: answer.status, contentType, body: answer.text };
  assertEquals(API.problemsOf(observed), []);
  return { ...answer, json: JSON.parse(answer.text) };
}

/** Runs `test` with a liveroll that can be told by webhooks, and otherwise only with a token. */
async function withWebhook(
  flags: Record<string, string>,
  test: (liveroll: Liveroll, cli: Cli) => Promise<void>,
): Promise<void> {
  using home = new Home();
  const secretFile = `${home.workspace.dir}/secret`;
  const tokenFile = `${home.workspace.dir}/token`;
  Deno.writeTextFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });
  Deno.writeTextFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const control = {
    "control-listen": `127.0.0.1:${home.sparePort}`,
    "control-token-file": tokenFile,
    "webhook-secret-file": secretFile,
  };
  await withLiveroll(
    { home, version: "v1", flags: { "on-demand": "true", ...control, ...flags } },
    (liveroll) => test(liveroll, new Cli(home)),
  );
}

const TRUSTED = {
  "with a signature of ours": () => deliverer(generic(BODY)),
  "as GitHub does": () => deliverer(github(BODY)),
  "as Gitea and Forgejo do": () =>
    deliverer({ "x-hub-signature-256": `sha256=${hmac(BODY)}`, "x-github-event": "release" }),
  "as Docker Hub does": () => deliverer({}, `${PATH}/${SECRET}`),
};

function deliverer(headers: Record<string, string>, path = PATH) {
  return (liveroll: Liveroll) => deliver(liveroll, headers, { path });
}

for (const [how, prepared] of Object.entries(TRUSTED)) {
  Deno.test(`who knows the secret and tells so ${how} makes a new version serve`, () =>
    withWebhook({}, async (liveroll, cli) => {
      liveroll.publish("v2");
      const { status, json } = await prepared()(liveroll);
      assertEquals([status, json], [202, { result: "accepted", request: 1 }]);
      await liveroll.waitFor("roll.succeeded", { id: "v2" });
      assertEquals((await liveroll.ask()).text, "v2");
      const [newest] = await cli.history();
      assertEquals([newest?.trigger, newest?.to], ["webhook", "v2"]);
    }));
}

const UNTRUSTED: Record<string, Record<string, string>> = {
  "nothing": {},
  "the token of the control API": { authorization: `Bearer ${TOKEN}` },
  "a signature with another secret": generic(BODY, seconds(), "another-secret"),
  "a signature of another body": generic(`${BODY} `),
  "a signature with another time": {
    "x-liveroll-signature": `t=${seconds() - 1},v1=${hmac(`${seconds()}.${BODY}`)}`,
  },
  "no time": { "x-liveroll-signature": `v1=${hmac(`.${BODY}`)}` },
  "half a signature": { "x-liveroll-signature": `t=${seconds()},v1=${hmac(BODY).slice(0, 32)}` },
  "a signature of yesterday": generic(BODY, seconds() - 86_400),
  "a signature of tomorrow": generic(BODY, seconds() + 86_400),
  "GitHub's form with another secret": github(BODY, "push", "another-secret"),
  "GitHub's form with another body": github(`${BODY} `),
  "GitHub's old form": { "x-hub-signature": `sha1=${hmac(BODY)}`, "x-github-event": "push" },
  "GitHub's ping, not signed well": github(`${BODY} `, "ping"),
};

Deno.test("who does not know the secret is refused, and the source is not asked", () =>
  withWebhook({}, async (liveroll) => {
    liveroll.publish("v2");
    const since = liveroll.log.mark();
    for (const [what, headers] of Object.entries(UNTRUSTED)) {
      const { status, json, text } = await deliver(liveroll, headers);
      assertEquals([status, json.code], [401, "unauthorized"], what);
      assert(!text.includes(SECRET), what);
    }
    for (const guess of ["another-secret", `${SECRET}x`, SECRET.slice(1)]) {
      const { status, json } = await deliver(liveroll, {}, { path: `${PATH}/${guess}` });
      assertEquals([status, json.code], [401, "unauthorized"], guess);
    }
    assertEquals(liveroll.events("check.started", {}, since), []);
    assertEquals((await liveroll.ask()).text, "v1");
  }));

for (const [how, sign] of Object.entries({ "ours": generic, "GitHub's": github })) {
  Deno.test(`what was delivered in ${how} form is taken once`, () =>
    withWebhook({}, async (liveroll) => {
      const headers = sign(BODY);
      assertEquals((await deliver(liveroll, headers)).json.result, "accepted");
      await liveroll.waitFor("request.ended", { request: 1 });
      const again = await deliver(liveroll, headers);
      assertEquals([again.status, again.json], [200, { result: "already_taken", request: null }]);
      // The id of a delivery is not signed: who changes it has nothing new.
      const disguised = { ...headers, "x-github-delivery": crypto.randomUUID() };
      assertEquals((await deliver(liveroll, disguised)).json.result, "already_taken");
      assertEquals(liveroll.events("check.started", { trigger: "webhook" }).length, 1);
      const other = '{"ref":"refs/tags/v3"}';
      const { json } = await deliver(liveroll, sign(other), { body: other });
      assertEquals(json.result, "accepted");
    }));
}

Deno.test("GitHub's ping is answered, and events about something else are ignored", () =>
  withWebhook({}, async (liveroll) => {
    const ping = await deliver(liveroll, github(BODY, "ping"));
    assertEquals([ping.status, ping.json.result], [200, "pong"]);
    const star = await deliver(liveroll, github(BODY, "star"));
    assertEquals([star.status, star.json.result], [202, "ignored"]);
    assertEquals(liveroll.events("check.started", { trigger: "webhook" }), []);
  }));

Deno.test("a webhook that comes during a roll is not lost", () =>
  withWebhook({
    healthcheck: 'exec:test "$LIVEROLL_ID" != v2 || test -e "$TOY_DIR/open"',
    "health-interval": "50ms",
  }, async (liveroll) => {
    liveroll.publish("v2");
    await deliver(liveroll, generic("1"), { body: "1" });
    await liveroll.waitFor("roll.candidate", ({ instance }) => instance.id === "v2");
    liveroll.publish("v3");
    for (const body of ["2", "3", "4"]) {
      const { status, json } = await deliver(liveroll, generic(body), { body });
      assertEquals([status, json.result], [202, "accepted"]);
    }
    Deno.writeTextFileSync(`${liveroll.workspace.dir}/open`, "");
    await liveroll.waitFor("roll.succeeded", { id: "v3" });
    await liveroll.waitFor("request.ended", { request: 4 });
    // However many came, one check was enough.
    assertEquals(liveroll.events("check.started", { trigger: "webhook" }).length, 2);
  }));

Deno.test("a webhook does not go over a window, a pause or a pin", async () => {
  const opens = (new Date().getUTCHours() + 6) % 24;
  const window = `${`${opens}`.padStart(2, "0")}:00-${`${opens}`.padStart(2, "0")}:30 UTC`;
  await withWebhook({ window }, async (liveroll, cli) => {
    liveroll.publish("v2");
    assertEquals((await deliver(liveroll, generic("1"), { body: "1" })).status, 202);
    const { outcome, detail } = await liveroll.waitFor("request.ended", { request: 1 });
    assertEquals(outcome, "refused");
    assertMatch(detail, /v2 has to wait/);
    assertEquals((await cli.status()).waiting?.obstacle, "window");
    for (const line of ["pause", "pin v1"]) {
      assertEquals((await cli.run(line)).code, 0);
      const { status, json } = await deliver(liveroll, generic(line), { body: line });
      assertEquals([status, json.code], [409, "conflict"], line);
      // Nothing came of it: it may be delivered once more.
      assertEquals((await deliver(liveroll, generic(line), { body: line })).status, 409);
      await cli.run("resume");
    }
    assertEquals(liveroll.events("roll.started", { to: "v2" }), []);
  });
});

Deno.test("a secret opens nothing but the update", () =>
  withWebhook({}, async (liveroll) => {
    for (const path of ["/v1/status", "/v1/stop", "/v1/update", "/metrics"]) {
      const method = path === "/v1/status" || path === "/metrics" ? "GET" : "POST";
      const headers = { authorization: `Bearer ${SECRET}`, ...generic("") };
      const { status } = await ask(liveroll.sparePort, path, { method, headers });
      assertEquals(status, 401, path);
    }
  }));

Deno.test("what is too long for a webhook is refused before it is read", () =>
  withWebhook({}, async (liveroll) => {
    const body = "x".repeat(8_400_000);
    const { status, json } = await deliver(liveroll, generic(body), { body });
    assertEquals([status, json.code], [413, "too_large"]);
    const push = JSON.stringify({ commits: "x".repeat(200_000) });
    assertEquals((await deliver(liveroll, generic(push), { body: push })).status, 202);
    assertEquals((await deliver(liveroll, generic("1"), { body: "1" })).status, 202);
  }));

Deno.test("neither the secret nor an address with it is in the log or the records", () =>
  withWebhook({}, async (liveroll, cli) => {
    liveroll.publish("v2");
    await deliver(liveroll, {}, { path: `${PATH}/${SECRET}` });
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    await ask(liveroll.sparePort, `${PATH}/${SECRET}/more`, { method: "POST" });
    const seen = await Promise.all(
      ["status", "why -n 100", "show 2", "history"].map((line) => cli.run(`${line} --json`)),
    );
    for (const { stdout } of seen) assert(!stdout.includes(SECRET));
    await liveroll.stop();
    assert(!liveroll.log.dump().includes(SECRET));
  }));

Deno.test("without a secret there are no webhooks", async () => {
  using home = new Home();
  const flags = { "control-listen": `127.0.0.1:${home.sparePort}` };
  await withLiveroll({ home, version: "v1", flags }, async (liveroll) => {
    const { status, json } = await deliver(liveroll, generic(BODY, seconds(), ""));
    assertEquals([status, json.code], [404, "not_found"]);
  });
});

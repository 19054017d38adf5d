import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createRedactor, HIDDEN, redactEvent } from "../../../src/notify/redact.ts";
import type { RollEvent } from "../../../src/roll/events.ts";

const byShape = createRedactor({});

/** What may stand in a secret. */
const secretText = fc.string({ unit: "grapheme-ascii", minLength: 8, maxLength: 40 })
  .map((text) => text.trim()).filter((text) => text.length >= 8 && !HIDDEN.includes(text));

/** Words, numbers, versions, paths and addresses, as logs are full of them. */
const harmlessWord = fc.oneof(
  fc.stringMatching(/^[a-z]{1,12}$/),
  fc.nat().map(String),
  fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((parts) => `v${parts.join(".")}`),
  fc.stringMatching(/^[0-9a-f]{40}$/),
  fc.stringMatching(/^sha256:[0-9a-f]{64}$/),
  fc.stringMatching(/^https:\/\/[a-z]{1,10}\.example:[0-9]{2,4}\/[a-z]{0,10}\?page=[0-9]{1,3}$/),
  fc.stringMatching(/^\/[a-z]{1,8}\/[a-z]{1,8}\.log:[0-9]{1,4}$/),
  fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.example$/),
  fc.constantFrom(
    "token",
    "password:",
    "bearer of news",
    "Authorization",
    "{",
    "\t",
    "é",
  ),
);
const harmlessText = fc.array(harmlessWord, { maxLength: 12 }).map((words) => words.join(" "));

Deno.test("the values of variables that are named like secrets are hidden, wherever they stand", () => {
  const names = [
    "SLACK_TOKEN",
    "DB_PASSWORD",
    "db_passwd",
    "PGPASSWORD",
    "MYSQL_PWD",
    "DB_PASS",
    "AWS_SECRET_ACCESS_KEY",
    "STRIPE_API_KEY",
    "APIKEY",
    "GPG_PASSPHRASE",
    "SIGNING_KEY",
    "REGISTRY_AUTH",
    "github_token",
  ];
  for (const name of names) {
    const redact = createRedactor({ [name]: "correct horse" });
    assertEquals(redact("a correct horse/correct horse."), `a ${HIDDEN}/${HIDDEN}.`, name);
  }
});

Deno.test("other variables are not secrets", () => {
  const names = [
    "PATH",
    "PWD",
    "OLDPWD",
    "HOME",
    "CREDENTIALS_DIRECTORY",
    "LIVEROLL_CONTROL_TOKEN_FILE",
    "SSH_AUTH_SOCK",
    "SSH_ASKPASS",
    "TOKEN_URL",
    "SECRET_NAME",
    "KEYBOARD",
    "MONKEY",
  ];
  for (const name of names) {
    assertEquals(
      createRedactor({ [name]: "/some/place" })("in /some/place"),
      "in /some/place",
      name,
    );
  }
});

Deno.test("passwords in URLs that variables hold are hidden on their own, too", () => {
  const redact = createRedactor({ DATABASE_URL: "postgres://app:sesame%21open@db/app" });
  assertEquals(redact("login with sesame%21open failed"), `login with ${HIDDEN} failed`);
  assertEquals(redact("login with sesame!open failed"), `login with ${HIDDEN} failed`);
  assertEquals(redact("connected to db/app"), "connected to db/app");
});

Deno.test("a secret is found as it is, trimmed, encoded and decoded", () => {
  const redact = createRedactor({ A_TOKEN: " p@ss word/1\n", B_TOKEN: "ab%2Fcd%2Fef" });
  assertEquals(redact("p@ss word/1 p%40ss%20word%2F1 ab/cd/ef"), `${HIDDEN} ${HIDDEN} ${HIDDEN}`);
});

Deno.test("the lines of a key are hidden one by one", () => {
  const lines = ["MIIEvQIBADANBgkqhkiG", "9w0BAQEFAASCBKcwggSj", "short"];
  const key = ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----"].join("\n");
  const redact = createRedactor({ TLS_PRIVATE_KEY: key });
  assertEquals(redact(`read ${lines[1]}`), `read ${HIDDEN}`);
  assertEquals(redact("a short story"), "a short story");
  assertEquals(redact("-----BEGIN PRIVATE KEY-----"), "-----BEGIN PRIVATE KEY-----");
});

Deno.test("secrets that are handed over are hidden", () => {
  assertEquals(createRedactor({}, ["/services/T0/B0"])("at /services/T0/B0"), `at ${HIDDEN}`);
});

const SHAPES: readonly [string, string][] = [
  ["git clone https://me:pw@x.org/r.git", `git clone https://me:${HIDDEN}@x.org/r.git`],
  ["https://:pw@x.org", `https://:${HIDDEN}@x.org`],
  ["https://me:p@w@x.org/", `https://me:${HIDDEN}@x.org/`],
  ["redis://:pw@h:6379/0, amqp://a:b@c", `redis://:${HIDDEN}@h:6379/0, amqp://a:${HIDDEN}@c`],
  ["https://abcdefghij0123456789@x.org/r", `https://${HIDDEN}@x.org/r`],
  ["https://abcdefghij0123456789:x@x.org/r", `https://${HIDDEN}:${HIDDEN}@x.org/r`],
  ["authorization: bearer abcdef12", `authorization: bearer ${HIDDEN}`],
  ["Bearer abcdefghijklmnopqrstuvwxyz", `Bearer ${HIDDEN}`],
  ["Authorization: Basic dTpw", `Authorization: Basic ${HIDDEN}`],
  ["/v2/?token=abc&x=1", `/v2/?token=${HIDDEN}&x=1`],
  ["?x=1&X-Amz-Signature=0af3", `?x=1&X-Amz-Signature=${HIDDEN}`],
  ["ghp_0123456789abcdefABCDEF0123456789abcd", HIDDEN],
  ["key AKIAABCDEFGHIJKLMNOP.", `key ${HIDDEN}.`],
  ["xoxb-123456789012-abcdef", HIDDEN],
  ["jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.abc-DEF_123", `jwt ${HIDDEN}`],
];

Deno.test("secrets are known by their shape", () => {
  for (const [text, expected] of SHAPES) assertEquals(byShape(text), expected);
});

const HARMLESS = [
  "Listening on http://127.0.0.1:8080, http://[::1]:8080",
  "GET http://a:80/b?c=d@e f@g",
  '{"url":"http://a:80","to":"b@c.org"}',
  "<http://a:80>,<b@c.org>",
  "ssh://git@example.com/r.git",
  "Bearer authentication is needed",
  "WWW-Authenticate: Bearer realm=x",
  "Basic authentication failed",
  "unexpected token = in JSON at position 5",
  "password=required",
  "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "12:00:05 a://b: c@d",
  "",
];

Deno.test("texts without secrets stay as they are", () => {
  for (const text of HARMLESS) assertEquals(byShape(text), text);
});

Deno.test("a version that equals a short secret stays", () => {
  const redact = createRedactor({ RELEASE_KEY: "v1.42.0", DB_PASSWORD: "latest" });
  assertEquals(redact("v1.42.0 and latest"), "v1.42.0 and latest");
});

Deno.test("no secret of a variable comes out, whatever stands around it", () => {
  fc.assert(fc.property(
    fc.array(secretText, { minLength: 1, maxLength: 4 }),
    fc.array(fc.string(), { minLength: 1, maxLength: 6 }),
    (secrets, words) => {
      const redact = createRedactor(Object.fromEntries(secrets.map((s, i) => [`S${i}_TOKEN`, s])));
      const text = words.map((word, i) => word + secrets[i % secrets.length]).join("");
      const result = redact(text);
      for (const secret of secrets) {
        // Our own mark may contain a part of a strange secret.
        assert(!result.replaceAll(HIDDEN, "\0").includes(secret), result);
      }
    },
  ));
});

Deno.test("overlapping secrets leave no rest of one of them", () => {
  const redact = createRedactor({ A_TOKEN: "abcdefgh12", B_TOKEN: "gh12ijklmn" });
  assertEquals(redact("xabcdefgh12ijklmnx"), `x${HIDDEN}x`);
  assertEquals(createRedactor({ A_TOKEN: "aaaaaaaa" })("aaaaaaaaaaa"), HIDDEN);
});

Deno.test("hiding what is hidden changes nothing", () => {
  const part = fc.oneof(
    fc.string(),
    harmlessText,
    fc.constantFrom(HIDDEN, "://", "@", ":", "Bearer ", "?token=", "sesame/open", "redacted"),
    fc.constantFrom(...SHAPES.map(([text]) => text)),
  );
  const redact = createRedactor({
    A_TOKEN: "sesame/open",
    B_SECRET: "redacted",
    C_KEY: "d] [redac",
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const once = redact(parts.join(""));
      assertEquals(redact(once), once);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("texts without secrets are not mangled", () => {
  const redact = createRedactor({ A_TOKEN: "Sesame-Open-7", B_SECRET: "0123-4567-89AB" });
  fc.assert(
    fc.property(harmlessText, (text) => assertEquals(redact(text), text)),
    { numRuns: 2_000 },
  );
});

Deno.test("long lines of anything are no burden", () => {
  const redact = createRedactor({ A_TOKEN: "aaaaaaab" });
  for (const piece of ["a", "://", "://a:", "@", "eyJ-", "Bearer ", "?token", "gh", ":", "//:@"]) {
    assertEquals(typeof redact(piece.repeat(1_000_000 / piece.length)), "string");
  }
});

const INSTANCE = { key: "i17", id: "succeeded", port: 9101, pid: 42 };
const EVENTS: readonly RollEvent[] = [
  {
    type: "roll.failed",
    roll: 17,
    id: "succeeded",
    reason: "hook_failed",
    detail: "no succeeded",
    lastLines: ["no succeeded"],
    retryInMs: 30_000,
  },
  { type: "instance.exited", instance: INSTANCE, exit: { code: 1, signal: null }, lastLines: [] },
  { type: "hook.ended", roll: 1, hook: "on-failure", end: hookEnd("on-failure is a secret") },
  {
    type: "update.found",
    id: "notify_only",
    from: "succeeded",
    waits: { obstacle: "notify_only", detail: "notify_only", until: null },
  },
  { type: "check.unstable_id", ids: ["succeeded"] },
];

function hookEnd(line: string) {
  return { outcome: "succeeded", code: 0, lastLines: [line], durationMs: 1 } as const;
}

Deno.test("in an event only what it says is redacted; ids, types and words of ours stay", () => {
  const env = {
    A_KEY: "succeeded",
    B_KEY: "hook_failed",
    C_KEY: "on-failure",
    D_KEY: "notify_only",
  };
  const redact = createRedactor(env);
  assertEquals(EVENTS.map((event) => redactEvent(event, redact)), [
    { ...EVENTS[0], detail: `no ${HIDDEN}`, lastLines: [`no ${HIDDEN}`] },
    EVENTS[1],
    { ...EVENTS[2], end: hookEnd(`${HIDDEN} is a secret`) },
    { ...EVENTS[3], waits: { obstacle: "notify_only", detail: HIDDEN, until: null } },
    EVENTS[4],
  ]);
});

Deno.test("why a roll was called off is redacted, and what holds a port", () => {
  const redact = createRedactor({ A_TOKEN: "sesame-open" });
  assertEquals(
    redactEvent({ type: "roll.interrupted", roll: 1, id: "v1", reason: "sesame-open" }, redact),
    { type: "roll.interrupted", roll: 1, id: "v1", reason: HIDDEN },
  );
  const busy = {
    type: "port.busy",
    roll: 1,
    id: "v1",
    port: 1,
    holder: "x --key sesame-open",
  } as const;
  assertEquals(redactEvent(busy, redact), { ...busy, holder: `x --key ${HIDDEN}` });
});

import { assert, assertEquals } from "@std/assert";
import { FIRST } from "../fixtures/tls/certificates.ts";
import { Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { Receiver } from "../helpers/receiver.ts";
import { needs } from "../helpers/skip.ts";
import { MAIL_CERTIFICATE, MAIL_SERVER, MAIL_USER, SmtpServer } from "../helpers/smtp_server.ts";

/** What the application knows and says aloud. */
const APP_SECRET = "correct-horse-battery";

/** What nobody may ever see. */
const SECRETS = [APP_SECRET, MAIL_USER.password, encodeURIComponent(MAIL_USER.password)];

/** The events that a webhook got, in their order. */
function events({ received }: Receiver): string[] {
  return received.map(({ headers }) => headers.get("x-liveroll-event") ?? "");
}

/** The newest message about an event. */
// deno-lint-ignore no-explicit-any
function message({ received }: Receiver, event: string): any {
  const texts = received.map(({ text }) => JSON.parse(text));
  return texts.findLast((one) => one.event === event);
}

/** Waits for an event at a webhook. */
async function told(receiver: Receiver, event: string): Promise<void> {
  while (!events(receiver).includes(event)) await receiver.waitFor(receiver.received.length + 1);
}

function assertNoSecret(text: string): void {
  for (const secret of SECRETS) assertEquals(text.includes(secret), false, `${secret}: ${text}`);
}

Deno.test("a life is told by webhook and command, without secrets", async () => {
  await using hook = new Receiver();
  await using quiet = new Receiver();
  const targets = [
    `webhook+${hook.url}/`,
    `webhook+${quiet.url}/?quiet=true`,
    'command:printf "%s %s\\n" "$LIVEROLL_EVENT" "$LIVEROLL_TO_ID" >> "$TOY_DIR/told"; cat >> "$TOY_DIR/text"',
  ];
  const env = { LIVEROLL_NOTIFY: targets.join("\n"), DB_PASSWORD: APP_SECRET };
  await withLiveroll({ env, flags: { app: "blog" } }, async (liveroll) => {
    await liveroll.roll("v2");
    const since = liveroll.offer("v3", {
      crash: { code: 1, lastWords: [`cannot log in with ${APP_SECRET}`] },
    });
    await liveroll.waitFor("roll.failed", {}, since);
    Deno.kill(Number((await liveroll.ask("/pid")).text), "SIGKILL");
    await told(hook, "recovered");
    assertEquals((await liveroll.ask()).text, "v2");
    await liveroll.stop();
    const expected = [
      "found",
      "started",
      "found",
      "rolled",
      "found",
      "quarantined",
      "failed",
      "crashed",
      "recovered",
      "stopped",
    ];
    assertEquals(events(hook), expected);
    const normal = ["found", "quarantined"];
    assertEquals(events(quiet), expected.filter((event) => !normal.includes(event)));
    const { dir } = liveroll.workspace;
    const lines = Deno.readTextFileSync(`${dir}/told`).trimEnd().split("\n");
    assertEquals(lines.map((line) => line.split(" ")[0]), expected);
    const failed = message(hook, "failed");
    assertEquals([failed.from, failed.to, failed.running, failed.roll], ["v2", "v3", "v2", 3]);
    assertEquals(failed.lastLines, ["cannot log in with [redacted]"]);
    assertEquals(failed.command, `liveroll show 3 --state-dir ${liveroll.home.stateDir}`);
    assertNoSecret(Deno.readTextFileSync(`${dir}/text`));
    for (const { text } of hook.received) assertNoSecret(text);
    await liveroll.finished;
    assertNoSecret(liveroll.log.dump());
    assertStateKeepsNoSecret(liveroll.home.stateDir);
  });
});

/** The history is read from here. */
function assertStateKeepsNoSecret(dir: string): void {
  for (const { name, isFile } of Deno.readDirSync(dir)) {
    if (isFile) assertNoSecret(Deno.readTextFileSync(`${dir}/${name}`));
  }
}

async function everybodyGot(server: SmtpServer, ...texts: string[]): Promise<void> {
  for (const who of ["starttls@x.org", "tls@x.org"]) {
    for (const text of texts) {
      await server.waitFor(({ raw, recipient }) =>
        recipient === who && raw.replaceAll("=\n", "").includes(text)
      );
    }
  }
}

Deno.test({
  name: "a life is told by mail, over TLS and with a password that nobody else sees",
  ...needs(...MAIL_SERVER),
  fn: async () => {
    await using server = await SmtpServer.start();
    const password = encodeURIComponent(MAIL_USER.password);
    const { submissionPort, tlsPort } = server;
    const targets = [
      `mail://localhost:${submissionPort}/starttls@x.org?from=b@x.org&tls=required&quiet=true`,
      `smtp://localhost:${tlsPort}/tls@x.org?from=b@x.org&tls=implicit&quiet=true` +
      `&username=${MAIL_USER.name}&password=${password}`,
    ];
    const env = {
      LIVEROLL_NOTIFY: targets.join("\n"),
      MAIL_USERNAME: MAIL_USER.name,
      MAIL_PASSWORD: MAIL_USER.password,
      DENO_CERT: MAIL_CERTIFICATE,
    };
    await withLiveroll({ env }, async (liveroll) => {
      await liveroll.waitForText("its password stands in the URL");
      const lastWords = [`login with ${MAIL_USER.password} and ${APP_SECRET}`];
      const since = liveroll.offer("v2", { crash: { code: 1, lastWords } });
      await liveroll.waitFor("roll.failed", {}, since);
      // Before its end, which waits five seconds for what is under way.
      await everybodyGot(server, "v1 serves", "v2 was refused");
      await liveroll.stop();
      await everybodyGot(server, "liveroll has stopped");
      await liveroll.finished;
      const seen = [liveroll.log.dump(), ...server.mails.map(({ raw }) => raw)].join("\n");
      for (const secret of SECRETS.slice(1)) assertEquals(seen.includes(secret), false, secret);
    });
    assertEquals(server.log.match(/P=esmtpsa .*A=plain:bot/g)?.length, 6, server.log);
  },
});

Deno.test("a life is told to Slack, a thread for each roll", async () => {
  let count = 0;
  await using slack = new Receiver(() => Response.json({ ok: true, ts: `${++count}` }));
  const env = { SLACK_TOKEN: "xoxb-1234567890-abc", SLACK_API_URL: slack.url };
  const flags = { notify: "slack://deploys?title=Blog" };
  await withLiveroll({ env, flags }, async (liveroll) => {
    const since = liveroll.offer("v2", { crash: { code: 1, lastWords: ["oh"] } });
    await liveroll.waitFor("roll.failed", {}, since);
    await liveroll.stop();
    const texts = slack.received.map(({ text }) => JSON.parse(text).attachments[0].text as string);
    const heads = texts.map((text) => /: (.*)\*/.exec(text)?.[1]);
    assertEquals(heads, [
      "v1 was found",
      "v1 serves",
      "v2 was found",
      "v2 is in quarantine",
      "v2 was refused",
      "liveroll has stopped",
    ]);
  });
});

Deno.test("a version that is taken back, and what comes after it", async () => {
  await using hook = new Receiver();
  const flags = { notify: `webhook+${hook.url}/?quiet=true`, "min-healthy": "20s" };
  await withLiveroll({ flags }, async (liveroll) => {
    const since = liveroll.offer("v2");
    await liveroll.waitFor("roll.switched", {}, since);
    Deno.kill(Number((await liveroll.ask("/pid")).text), "SIGKILL");
    await liveroll.waitFor("roll.rolled_back", {}, since);
    await liveroll.stop();
    const all = events(hook);
    assertEquals(all.slice(0, 2), ["started", "rolled_back"]);
    assertEquals(all.at(-1), "stopped");
    assertEquals(all.includes("rolled"), false);
  });
});

Deno.test("receivers that hang do not delay a roll, and the stop by five seconds at most", async () => {
  await using hook = new Receiver();
  hook.replies("hangs", "hangs", "hangs", "hangs");
  using smtp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = smtp.accept();
  const targets = [
    `webhook+${hook.url}/`,
    `mail://127.0.0.1:${smtp.addr.port}/me@x.org?from=b@x.org`,
    "command:sleep 1000",
  ];
  const env = { LIVEROLL_NOTIFY: targets.join("\n") };
  await withLiveroll({ env }, async (liveroll) => {
    await liveroll.roll("v2");
    using _connection = await accepted;
    assertEquals((await liveroll.stop()).code, 0);
    await liveroll.finished;
    const lost = liveroll.log.lines.filter(({ event }) => event === "notification.failed");
    assert(lost.length >= 3, liveroll.log.excerpt());
    liveroll.assertNoOrphans();
  });
});

Deno.test("receivers that are not there are named in the log, by nothing that is secret", async () => {
  const targets = ["slack://deploys", "webhook+http://127.0.0.1:10/services/s3cret-s3cret-s3cret"];
  await withLiveroll({ env: { LIVEROLL_NOTIFY: targets.join("\n") } }, async (liveroll) => {
    await liveroll.waitForText("Notifications to slack deploys: there is no SLACK_TOKEN");
    await liveroll.waitForText("Cannot notify slack deploys: there is no SLACK_TOKEN");
    await liveroll.stop();
    await liveroll.finished;
    await liveroll.waitForText("Cannot notify webhook 127.0.0.1:10: ");
    assertEquals(liveroll.log.dump().includes("s3cret"), false);
  });
});

Deno.test("a webhook's certificate is checked, and DENO_CERT adds an authority", async () => {
  await using hook = new Receiver(undefined, FIRST);
  const flags = { notify: `webhook+${hook.url}/` };
  await withLiveroll({ flags }, async (liveroll) => {
    await liveroll.stop();
    await liveroll.waitForText("Cannot notify webhook 127.0.0.1:");
  });
  assertEquals(hook.received, []);
  await withLiveroll({ flags, env: { DENO_CERT: MAIL_CERTIFICATE } }, async (liveroll) => {
    await liveroll.stop();
  });
  assertEquals(events(hook), ["found", "started", "stopped"]);
});

Deno.test("a target that cannot be is refused, without its secret", async () => {
  await using liveroll = new Liveroll({ flags: { notify: "mail://bot:s3cret@h/me@x.org" } });
  assertEquals((await liveroll.end()).code, 2);
  await liveroll.finished;
  assert(liveroll.log.dump().includes("there are credentials before the host"));
  assertEquals(liveroll.log.dump().includes("s3cret"), false);
});

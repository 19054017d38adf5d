import { assert, assertEquals, assertRejects } from "@std/assert";
import { type MailTarget, notifyTarget } from "../../../src/config/notify_kind.ts";
import { Undeliverable } from "../../../src/notify/channel.ts";
import { MailChannel } from "../../../src/notify/mail.ts";
import { needs } from "../../helpers/skip.ts";
import { MAIL_SERVER, MAIL_USER, SmtpServer } from "../../helpers/smtp_server.ts";
import { letter } from "./letters.ts";

const NEVER = new AbortController().signal;
const LOGIN = { MAIL_USERNAME: MAIL_USER.name, MAIL_PASSWORD: MAIL_USER.password };

function channel(text: string, env: Record<string, string> = {}): MailChannel {
  return new MailChannel(notifyTarget.parse(text) as MailTarget, env);
}

/** Runs `test` with a real mail server. */
function withServer(
  name: string,
  test: (server: SmtpServer) => Promise<void>,
): void {
  Deno.test({
    name,
    ...needs(...MAIL_SERVER),
    fn: async () => {
      await using server = await SmtpServer.start();
      await test(server);
    },
  });
}

withServer("a mail arrives as it should, at each of its recipients", async (server) => {
  const url = `smtp://127.0.0.1:${server.plainPort}/me@x.org,you@x.org?from=blog@x.org&tls=off`;
  await channel(url).deliver(letter({ title: "blog on web1: é → ü" }), NEVER);
  const mails = await server.waitFor(({ recipient }) => recipient.includes("me@x.org"));
  // Long lines are folded on their way.
  const raw = (mails[0]?.raw ?? "").replaceAll(/(?<!\?)=\n/g, "");
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "mi").exec(raw)?.[1];
  assertEquals(header("from"), "blog@x.org");
  assertEquals(header("to"), "me@x.org, you@x.org");
  assertEquals(header("message-id"), `<${letter().id}@web1>`);
  assertEquals(header("references"), "<roll-17.blog@web1>");
  assertEquals(header("auto-submitted"), "auto-generated");
  assertEquals(header("x-liveroll-event"), "failed");
  assertEquals(header("date"), "Sat, 21 Nov 2026 03:00:00 +0000");
  assert(/^Subject: =\?UTF-8\?/m.test(raw), raw);
  assert(raw.includes("Last lines:\n  one\n  two\nMore: liveroll show 17 --app blog\n"), raw);
});

withServer(
  "a mail has the subject that was asked for, and no reference without a roll",
  async (server) => {
    const url =
      `mail://127.0.0.1:${server.plainPort}/me@x.org?from=b@x.org&tls=off&subject=Hello+you`;
    await channel(url).deliver(letter({ roll: null }), NEVER);
    const [mail] = await server.waitFor(() => true);
    assert(/^Subject: Hello you$/m.test(mail?.raw ?? ""), mail?.raw);
    assert(!/^References/m.test(mail?.raw ?? ""), mail?.raw);
  },
);

withServer("a login by the environment, the URL, or the service manager", async (server) => {
  const url = `mail://127.0.0.1:${server.submissionPort}/me@x.org?from=b@x.org&tls=off`;
  const password = encodeURIComponent(MAIL_USER.password);
  const dir = Deno.makeTempDirSync({ prefix: "liveroll-notify-" });
  try {
    Deno.writeTextFileSync(`${dir}/liveroll-mail-username`, `${MAIL_USER.name}\n`);
    Deno.writeTextFileSync(`${dir}/liveroll-mail-password`, `${MAIL_USER.password}\n`);
    await channel(url, LOGIN).deliver(letter(), NEVER);
    await channel(`${url}&username=${MAIL_USER.name}&password=${password}`).deliver(
      letter(),
      NEVER,
    );
    await channel(url, { CREDENTIALS_DIRECTORY: dir }).deliver(letter(), NEVER);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
  assertEquals(server.log.match(/A=plain:bot/g)?.length, 3);
});

withServer("without a login, or with a wrong one, it is final", async (server) => {
  const url = `mail://127.0.0.1:${server.submissionPort}/me@x.org?from=b@x.org&tls=off`;
  const wrong = { ...LOGIN, MAIL_PASSWORD: "s3cret-s3cret" };
  for (const env of [{}, wrong]) {
    const error = await assertRejects(
      () => channel(url, env).deliver(letter(), NEVER),
      Undeliverable,
    );
    assert(!error.message.includes("s3cret"), error.message);
  }
});

withServer("a certificate that nobody vouches for is not trusted", async (server) => {
  for (const [port, tls] of [[server.tlsPort, "implicit"], [server.plainPort, "required"]]) {
    const url = `mail://127.0.0.1:${port}/me@x.org?from=b@x.org&tls=${tls}`;
    await assertRejects(() => channel(url, LOGIN).deliver(letter(), NEVER), Error, "certificate");
  }
  assertEquals(server.mails, []);
});

withServer("550 is final, 451 is not, and one refused recipient is told", async (server) => {
  const to = (list: string) =>
    channel(`mail://127.0.0.1:${server.plainPort}/${list}?from=b@x.org&tls=off`)
      .deliver(letter(), NEVER);
  await assertRejects(() => to("refused@x.org"), Undeliverable, "no such mailbox");
  const later = await assertRejects(() => to("later@x.org"), Error, "come back later");
  assert(!(later instanceof Undeliverable));
  await assertRejects(
    () => to("refused@x.org,me@x.org"),
    Undeliverable,
    "refused@x.org was refused",
  );
  await server.waitFor(({ recipient }) => recipient === "me@x.org");
});

Deno.test("a server that says nothing is left when the time is up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const tls of ["off", "implicit"]) {
    const over = new AbortController();
    const url = `mail://127.0.0.1:${listener.addr.port}/me@x.org?from=b@x.org&tls=${tls}`;
    const sending = channel(url).deliver(letter(), over.signal);
    using connection = await listener.accept();
    if (tls === "implicit") await connection.read(new Uint8Array(1));
    over.abort(new Error("time is up"));
    await assertRejects(() => sending, Error, "time is up");
    // It has hung up as well.
    await connection.readable.pipeTo(new WritableStream()).catch(() => {});
  }
});

Deno.test("a server that stops in the middle is left when the time is up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const over = new AbortController();
  const url = `mail://127.0.0.1:${listener.addr.port}/me@x.org?from=b@x.org&tls=off`;
  const sending = channel(url).deliver(letter(), over.signal);
  using connection = await listener.accept();
  await connection.write(new TextEncoder().encode("220 x ESMTP\r\n"));
  await connection.read(new Uint8Array(100));
  over.abort(new Error("time is up"));
  await assertRejects(() => sending, Error, "time is up");
});

Deno.test("without STARTTLS a password does not go out to another host", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  // A name that is not known as one of this host, and leads here nevertheless.
  const url = `mail://0.0.0.0:${listener.addr.port}/me@x.org?from=b@x.org`;
  const sending = assertRejects(() => channel(url, LOGIN).deliver(letter(), NEVER), Error);
  using connection = await listener.accept();
  const heard = await talk(connection, ["220 x ESMTP", "250-x\r\n250 AUTH PLAIN LOGIN", "502 no"]);
  assert(heard.includes("STARTTLS"), heard);
  await sending;
  assert(!heard.includes("AUTH"), heard);
});

/** Says one line after the other, whatever it hears. @returns What it has heard. */
async function talk(connection: Deno.Conn, lines: readonly string[]): Promise<string> {
  let heard = "";
  const buffer = new Uint8Array(1_000);
  for (const line of lines) {
    await connection.write(new TextEncoder().encode(`${line}\r\n`));
    const read = await connection.read(buffer) ?? 0;
    heard += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return heard;
}

Deno.test("what is wrong with a mail target is told at the start", async () => {
  const problems = (parameters: string, env = {}) =>
    channel(`mail://smtp.example.com/me@x.org?${parameters}`, env).problems();
  assertEquals(await problems("from=b@x.org"), []);
  assertEquals(await problems("", { MAIL_USERNAME: "b@x.org", MAIL_PASSWORD: "p" }), []);
  assertEquals(await problems("", { MAIL_FROM: "b@x.org" }), []);
  const [noSender] = await problems("", { MAIL_USERNAME: "bot", MAIL_PASSWORD: "p" });
  assertEquals(noSender, "there is no sender, give from= or MAIL_FROM");
  const [inUrl] = await problems("from=b@x.org&username=b&password=s3cret");
  assert(inUrl?.startsWith("its password stands in the URL"), inUrl);
  assert(!inUrl?.includes("s3cret"));
  assertEquals(await problems("from=b@x.org&username=b"), [
    "there is a user name and no password",
  ]);
  assertEquals(await problems("from=b@x.org&tls=off", LOGIN), [
    "with tls=off the password can be read on its way",
  ]);
});

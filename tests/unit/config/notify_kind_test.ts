import { assertEquals, assertThrows } from "@std/assert";
import { type MailTarget, notifyTarget } from "../../../src/config/notify_kind.ts";
import { errors, REQUIRED, resolved } from "./resolving.ts";

const parse = (text: string) => notifyTarget.parse(text);

function mail(text: string): MailTarget {
  const target = parse(text);
  if (target.kind !== "mail") throw new Error(Deno.inspect(target));
  return target;
}

function complaint(text: string): string {
  return assertThrows(() => parse(text), Error).message;
}

Deno.test("a Slack channel, with everything and with nothing else", () => {
  const plain = { kind: "slack", title: null, url: null, thread: true, quiet: false } as const;
  assertEquals(parse("slack://deploys"), { ...plain, channel: "deploys" });
  assertEquals(parse("slack://deploys/"), { ...plain, channel: "deploys" });
  assertEquals(parse("slack://%23deploys"), { ...plain, channel: "#deploys" });
  assertEquals(parse("slack://C012AB3CD?quiet=true").quiet, true);
  assertEquals(
    parse("slack://d?title=The+blog&url=https%3A%2F%2Fblog.example.com&thread=false&quiet=1"),
    {
      kind: "slack",
      channel: "d",
      title: "The blog",
      url: "https://blog.example.com",
      thread: false,
      quiet: true,
    },
  );
});

Deno.test("mail by its two schemes, with the port for submission", () => {
  const expected: MailTarget = {
    kind: "mail",
    host: "smtp.example.com",
    port: 587,
    to: ["me@example.com"],
    from: null,
    username: null,
    password: null,
    subject: null,
    tls: "opportunistic",
    quiet: false,
  };
  assertEquals(parse("mail://smtp.example.com/me@example.com"), expected);
  assertEquals(parse("smtp://smtp.example.com/me@example.com"), expected);
});

Deno.test("mail with everything", () => {
  const text = "smtp://[::1]:2525/a@x.org,b@y.org?username=bot&password=p%26w&from=" +
    "The+blog+%3Cblog@x.org%3E&subject=Hello+you&tls=required&quiet=true";
  assertEquals(parse(text), {
    kind: "mail",
    host: "::1",
    port: 2525,
    to: ["a@x.org", "b@y.org"],
    from: "The blog <blog@x.org>",
    username: "bot",
    password: "p&w",
    subject: "Hello you",
    tls: "required",
    quiet: true,
  });
});

Deno.test("recipients of mail: the path goes before to=, and plus signs stay in the path", () => {
  assertEquals(mail("mail://h/a+tag@x.org?to=b@x.org").to, ["a+tag@x.org"]);
  assertEquals(mail("mail://h?to=a@x.org&to=b@x.org,c%2Btag@x.org").to, [
    "a@x.org",
    "b@x.org",
    "c+tag@x.org",
  ]);
  assertEquals(mail("mail://h/?to=a@x.org").to, ["a@x.org"]);
});

Deno.test("how mail is encrypted follows from the port, unless it is said", () => {
  const tls = (text: string) => mail(text).tls;
  assertEquals(tls("mail://h/a@x.org"), "opportunistic");
  assertEquals(tls("mail://h:465/a@x.org"), "implicit");
  assertEquals(tls("mail://h:465/a@x.org?tls=true"), "implicit");
  assertEquals(tls("mail://h:25/a@x.org?tls=true"), "required");
  assertEquals(tls("mail://h:465/a@x.org?tls=false"), "off");
  for (const word of ["opportunistic", "required", "implicit", "off"]) {
    assertEquals(tls(`mail://h:465/a@x.org?tls=${word}`), word);
  }
});

Deno.test("a webhook keeps its URL byte by byte, without the parameters that are ours", () => {
  const hook = { kind: "webhook", secretFile: null, quiet: false } as const;
  for (
    const url of ["https://x.org/hook", "http://127.0.0.1:9000", "https://x.org/a%2Fb?c=d%20e&f"]
  ) {
    assertEquals(parse(`webhook+${url}`), { ...hook, url });
  }
  assertEquals(parse("webhook+https://x.org/h?a=1&quiet=true&b=%20&secret-file=/run/s%20t"), {
    kind: "webhook",
    url: "https://x.org/h?a=1&b=%20",
    secretFile: "/run/s t",
    quiet: true,
  });
  assertEquals(parse("webhook+https://x.org/h?quiet=false"), { ...hook, url: "https://x.org/h" });
});

Deno.test("a command is everything after its scheme", () => {
  for (const command of ["wall", "cat >> /tmp/x; echo 'a?b=c'", " //x"]) {
    assertEquals(parse(`command:${command}`), { kind: "command", command, quiet: false });
  }
});

const WAYS =
  "give slack://CHANNEL, mail://HOST/RECIPIENT, webhook+https://HOST/PATH or command:CMD";
const MAIL_PARAMETERS = "username, password, from, to, subject, tls, quiet";

const REFUSED: readonly [string, string][] = [
  ["s3cret", `the value is no URL, ${WAYS}`],
  ["//s3cret", `the value is no URL, ${WAYS}`],
  [
    "https://x.org/s3cret",
    `"https://" is no way to notify, did you mean webhook+https://, ${WAYS}`,
  ],
  ["http://x.org/s3cret", `"http://" is no way to notify, did you mean webhook+http://, ${WAYS}`],
  ["slak://s3cret", `"slak:" is no way to notify (did you mean "slack"?), ${WAYS}`],
  ["slack:s3cret", `"slack:" is no way to notify (did you mean "slack"?), ${WAYS}`],
  ["teams://s3cret", `"teams:" is no way to notify, ${WAYS}`],
  ["command:", "the command is empty, give command:CMD"],
  ["command: \t", "the command is empty, give command:CMD"],
  ["command:a\0b", "the command contains a NUL byte, remove it"],
  ["slack://", "there is no channel, give for example slack://deploys"],
  ["slack://?title=x", "there is no channel, give for example slack://deploys"],
  ["slack://a/b", '"a/b" is no channel, give for example slack://deploys'],
  ["slack://a%20b", '"a b" is no channel, give for example slack://deploys'],
  ["slack://d#x", '"d#x" is no channel, give for example slack://deploys'],
  ["slack://%zz", "a percent sign is not followed by two hexadecimal digits, give %25"],
  ["slack://d?url=javascript:x", 'url="javascript:x" is no web address, give https://…'],
  ["slack://d?quiet=maybe", 'quiet="maybe" is neither true nor false'],
  ["slack://d?quiet", 'quiet="" is neither true nor false'],
  ["slack://d?thread=2", 'thread="2" is neither true nor false'],
  [
    "slack://d?quite=true",
    'the parameter "quite" is not known (did you mean "quiet"?): give one of title, url, thread, quiet',
  ],
  ["mail://", "there is no host, give for example mail://smtp.example.com/me@example.com"],
  ["mail:///a@x.org", "there is no host, give for example mail://smtp.example.com/me@example.com"],
  [
    "mail://a_b c/a@x.org",
    '"a_b c" is no host, give for example mail://smtp.example.com/me@example.com',
  ],
  [
    "mail://bot:s3cret@h/a@x.org",
    "there are credentials before the host, give MAIL_USERNAME and MAIL_PASSWORD instead",
  ],
  ["mail://h:0/a@x.org", "0 is out of range, give 1 to 65535"],
  ["mail://h:x/a@x.org", '"x" is not a whole number, give 1 to 65535'],
  ["mail://h:/a@x.org", '"" is not a whole number, give 1 to 65535'],
  ["mail://h", "there is no recipient, give for example mail://HOST/me@example.com"],
  ["mail://h/,", "there is no recipient, give for example mail://HOST/me@example.com"],
  ["mail://h/me", '"me" is no mail address, give for example me@example.com'],
  ["mail://h/a@b@c", '"a@b@c" is no mail address, give for example me@example.com'],
  [
    "mail://h/a@x.org%0d%0ab",
    '"a@x.org\\r\\nb" is no mail address, give for example me@example.com',
  ],
  ["mail://h?to=a+b@x.org", '"a b@x.org" is no mail address, give for example me@example.com'],
  ["mail://h/a@x.org?from=me", 'from="me" is no mail address'],
  ["mail://h/a@x.org?from=a@b%0abcc:c@d", 'from="a@b\\nbcc:c@d" is no mail address'],
  [
    "mail://h/a@x.org?tls=yes",
    'tls="yes" is not known, give one of opportunistic, required, implicit, off',
  ],
  ["mail://h/a@x.org?user=b", `the parameter "user" is not known: give one of ${MAIL_PARAMETERS}`],
  [
    "mail://h/a@x.org?password=abc&s3cret",
    "a parameter is not known; in a password, write & as %26",
  ],
  ["webhook+https://", "there is no host, give for example webhook+https://example.com/hook"],
  [
    "webhook+https:///s3cret",
    "there is no host, give for example webhook+https://example.com/hook",
  ],
  [
    "webhook+https://me:s3cret@x.org/",
    "there are credentials before the host, sign with secret-file= instead",
  ],
  ["webhook+https://x.org/#s3cret", "there is a fragment (#…), which is never sent"],
  ["webhook+https://x.org/?secret-file=", "secret-file= is empty, give the path of a file"],
  ["webhook+https://x.org/s3cret?quiet=no", 'quiet="no" is neither true nor false'],
];

for (const [text, message] of REFUSED) {
  Deno.test(`${JSON.stringify(text)} is refused with a reason`, () => {
    assertEquals(complaint(text), message);
  });
}

Deno.test("no complaint shows what may be a secret", () => {
  for (const [text] of REFUSED) {
    assertEquals(complaint(text).includes("s3cret"), false, text);
  }
});

Deno.test("--notify may be given several times, and one by one in the environment", () => {
  const args = ["--notify", "slack://a", "--notify", "command:x"];
  const kinds = (config: { notify: readonly { kind: string }[] }) =>
    config.notify.map(({ kind }) => kind);
  assertEquals(kinds(resolved([...REQUIRED, ...args]).config), ["slack", "command"]);
  const env = { LIVEROLL_NOTIFY: "slack://a\ncommand:x" };
  assertEquals(kinds(resolved(REQUIRED, { env }).config), ["slack", "command"]);
});

Deno.test("a bad --notify is refused by its name, without its value", () => {
  assertEquals(errors([...REQUIRED, "--notify", "mail://bot:s3cret@h/a@x.org"]), [
    "--notify: there are credentials before the host, give MAIL_USERNAME and MAIL_PASSWORD instead",
  ]);
  const env = { LIVEROLL_NOTIFY: "https://x.org/s3cret" };
  assertEquals(errors(REQUIRED, { env }).join().includes("s3cret"), false);
});

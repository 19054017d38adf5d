import { assert, assertEquals, assertRejects } from "@std/assert";
import { TryLater } from "../../../src/notify/channel.ts";
import { sign } from "../../../src/notify/signature.ts";
import { WebhookChannel } from "../../../src/notify/webhook.ts";
import { succeed } from "../../../scripts/lib/command.ts";
import { Receiver, type Reply } from "../../helpers/receiver.ts";
import { needs, program } from "../../helpers/skip.ts";
import { letter, PLAIN_TEXT } from "./letters.ts";

const NEVER = new AbortController().signal;

function channel(url: string, secretFile: string | null = null, env = {}): WebhookChannel {
  return new WebhookChannel({ kind: "webhook", url, secretFile, quiet: false }, env);
}

function withReceiver(test: (receiver: Receiver) => Promise<void>): () => Promise<void> {
  return async () => {
    await using receiver = new Receiver();
    await test(receiver);
  };
}

async function withSecret(text: string, test: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "liveroll-notify-" });
  try {
    Deno.writeTextFileSync(`${dir}/liveroll-notify-secret`, text);
    await test(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** As a receiver would do it. */
async function isSigned(text: string, header: string, secret: string): Promise<boolean> {
  const [, seconds, mac = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const bytes = (value: string) => new TextEncoder().encode(value);
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(secret), how, false, ["verify"]);
  const isOurs = crypto.subtle.verify(
    "HMAC",
    key,
    Uint8Array.fromHex(mac),
    bytes(`${seconds}.${text}`),
  );
  return await isOurs && Math.abs(Date.now() / 1000 - Number(seconds)) < 300;
}

Deno.test(
  "a webhook gets the documented fields, and no signature without a secret",
  withReceiver(async (receiver) => {
    await channel(`${receiver.url}/hook?a=b%20c`).deliver(letter({ lost: 2 }), NEVER);
    const [{ path, headers, text }] = receiver.received as [Receiver["received"][0]];
    assertEquals(path, "/hook?a=b%20c");
    const { text: _, ...fields } = letter({ lost: 2 });
    const lost = "2 earlier messages have not arrived.\nMore:";
    assertEquals(JSON.parse(text), { ...fields, message: PLAIN_TEXT.replace("More:", lost) });
    assertEquals(headers.get("content-type"), "application/json");
    assertEquals(headers.get("x-liveroll-event"), "failed");
    assertEquals(headers.get("x-liveroll-delivery"), letter().id);
    assertEquals(headers.get("x-liveroll-signature"), null);
  }),
);

Deno.test(
  "a webhook is signed with the secret of a file, or of the service manager",
  withReceiver((receiver) =>
    withSecret("it's a secret\n", async (dir) => {
      const file = `${dir}/liveroll-notify-secret`;
      await channel(receiver.url, file).deliver(letter(), NEVER);
      await channel(receiver.url, null, { CREDENTIALS_DIRECTORY: dir }).deliver(letter(), NEVER);
      for (const { headers, text } of receiver.received) {
        const header = headers.get("x-liveroll-signature") ?? "";
        assert(await isSigned(text, header, "it's a secret"));
        assert(!await isSigned(`${text} `, header, "it's a secret"));
        assert(!await isSigned(text, header, "it's a secret\n"));
      }
    })
  ),
);

Deno.test("a secret that cannot be read is told at the start, and nothing goes out unsigned", async () => {
  await using receiver = new Receiver();
  const hook = channel(receiver.url, "/nowhere/secret");
  const [problem = ""] = await hook.problems();
  assert(problem.includes("/nowhere/secret"), problem);
  await assertRejects(() => hook.deliver(letter(), NEVER), Error, "/nowhere/secret");
  await withSecret("\n", async (dir) => {
    const [empty = ""] = await channel(receiver.url, null, { CREDENTIALS_DIRECTORY: dir })
      .problems();
    assert(empty.endsWith("it is empty"), empty);
  });
  assertEquals(receiver.received, []);
  assertEquals(await channel(receiver.url).problems(), []);
});

const REFUSALS: readonly [
  status: number,
  kind: string,
  text: string,
][] = [
  [302, "Undeliverable", "it answered 302, redirects are not followed"],
  [400, "Undeliverable", "it answered 400"],
  [404, "Undeliverable", "it answered 404"],
  [408, "TryLater", "it answered 408"],
  [500, "Error", "it answered 500"],
  [503, "Error", "it answered 503"],
];

for (const [status, kind, message] of REFUSALS) {
  Deno.test(
    `${status} is ${kind === "Undeliverable" ? "final" : "tried again"}`,
    withReceiver(async (receiver) => {
      receiver.replies(new Response("no", { status, headers: { location: "/elsewhere" } }));
      const error = await assertRejects(
        () => channel(receiver.url).deliver(letter(), NEVER),
        Error,
      );
      assertEquals([error.name, error.message], [kind, message]);
      assertEquals(receiver.received.length, 1);
    }),
  );
}

const PAUSES: readonly [string | null, number][] = [
  ["7", 7_000],
  ["0", 0],
  ["86400", 30_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["Fri, 31 Dec 2100 00:00:00 GMT", 30_000],
  ["soon", 5_000],
  [null, 5_000],
];

for (const [retryAfter, afterMs] of PAUSES) {
  Deno.test(
    `429 with Retry-After ${retryAfter} means ${afterMs} ms`,
    withReceiver(async (receiver) => {
      const headers: HeadersInit = retryAfter === null ? {} : { "retry-after": retryAfter };
      receiver.replies(new Response(null, { status: 429, headers }));
      const error = await assertRejects(
        () => channel(receiver.url).deliver(letter(), NEVER),
        TryLater,
      );
      assertEquals(error.afterMs, afterMs);
    }),
  );
}

Deno.test(
  "an answer without end is not read to its end",
  withReceiver(async (receiver) => {
    let sent = 0;
    const endless: Reply = new Response(
      new ReadableStream({
        pull(controller) {
          sent++;
          controller.enqueue(new Uint8Array(16 * 1024));
        },
      }),
    );
    receiver.replies(endless);
    await channel(receiver.url).deliver(letter(), NEVER);
    assert(sent < 10_000, `${sent}`);
  }),
);

Deno.test(
  "a receiver that hangs is left when the time is up",
  withReceiver(async (receiver) => {
    receiver.replies("hangs");
    const over = new AbortController();
    const sending = channel(receiver.url).deliver(letter(), over.signal);
    await receiver.waitFor(1);
    over.abort(new Error("time is up"));
    await assertRejects(() => sending, Error, "time is up");
  }),
);

Deno.test("neither the name nor an error shows the path, which may be a secret", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const hook = channel(`http://127.0.0.1:${port}/services/s3cret?key=s3cret`);
  assertEquals(hook.name, `webhook 127.0.0.1:${port}`);
  for (const path of ["services/s3cret?key=s3cret", "a)/s3cret", "ä b/(s3cret): s3cret"]) {
    const one = channel(`http://127.0.0.1:${port}/${path}`);
    const error = await assertRejects(() => one.deliver(letter(), NEVER), Error);
    assert(!error.message.includes("s3cret"), error.message);
    assert(error.message.includes("onnection refused"), error.message);
  }
});

Deno.test({
  name: "the check in the guide takes what is genuine, and nothing else",
  ...needs(program("python3")),
  fn: withReceiver((receiver) =>
    withSecret("it's a secret", async (dir) => {
      const guide = new URL("../../../docs/notifications.md", import.meta.url);
      const [, code = ""] = /```py\n(.*?)```/s.exec(Deno.readTextFileSync(guide)) ?? [];
      await channel(receiver.url, `${dir}/liveroll-notify-secret`).deliver(letter(), NEVER);
      const { text = "", headers } = receiver.received[0] ?? {};
      const header = headers?.get("x-liveroll-signature") ?? "";
      const old = await sign(text, "it's a secret", Math.floor(Date.now() / 1_000) - 301);
      const cases: [string, string, string][] = [
        [text, header, "it's a secret"],
        [`${text} `, header, "it's a secret"],
        [text, header, "another secret"],
        [text, old, "it's a secret"],
      ];
      const call = "import json, sys\nfor b, h, s in json.loads(sys.argv[1]):\n" +
        "    print(is_genuine(b.encode(), h, s.encode()))";
      const args = ["-c", `${code}\n${call}`, JSON.stringify(cases)];
      assertEquals(await succeed("python3", args), "True\nFalse\nFalse\nFalse\n");
    })
  ),
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { SlackTarget } from "../../../src/config/notify_kind.ts";
import { TryLater, Undeliverable } from "../../../src/notify/channel.ts";
import type { Letter } from "../../../src/notify/letter.ts";
import { SlackChannel } from "../../../src/notify/slack.ts";
import { Receiver } from "../../helpers/receiver.ts";
import { letter } from "./letters.ts";

const NEVER = new AbortController().signal;
const TARGET: SlackTarget = {
  kind: "slack",
  channel: "deploys",
  title: null,
  url: null,
  thread: true,
  quiet: false,
};

/** A Slack that numbers its messages. */
class Slack extends Receiver {
  constructor() {
    let count = 0;
    super(() => Response.json({ ok: true, ts: `ts${++count}` }));
  }

  get env(): Record<string, string> {
    return { SLACK_API_URL: `${this.url}/api`, SLACK_TOKEN: "xoxb-test" };
  }

  channel(target: Partial<SlackTarget> = {}): SlackChannel {
    return new SlackChannel({ ...TARGET, ...target }, this.env);
  }

  // deno-lint-ignore no-explicit-any
  get bodies(): any[] {
    return this.received.map(({ text }) => JSON.parse(text));
  }
}

function withSlack(test: (slack: Slack) => Promise<void>): () => Promise<void> {
  return async () => {
    await using slack = new Slack();
    await test(slack);
  };
}

Deno.test(
  "a message to Slack is an attachment with a colour, a text and a footer",
  withSlack(async (slack) => {
    await slack.channel().deliver(letter(), NEVER);
    assertEquals(slack.received[0]?.path, "/api/chat.postMessage");
    assertEquals(slack.received[0]?.headers.get("authorization"), "Bearer xoxb-test");
    assertEquals(slack.bodies, [{
      channel: "deploys",
      username: "liveroll",
      attachments: [{
        color: "#dd0000",
        fallback: "blog on web1: v2 was refused",
        text: [
          "*blog on web1: v2 was refused*",
          "Exited with code 1.",
          "Running v1, wanted v2.",
          "```",
          "one",
          "two",
          "```",
          "More: `liveroll show 17 --app blog`",
        ].join("\n"),
        mrkdwn_in: ["text"],
        footer: "blog/web1",
        ts: 1795230000,
      }],
    }]);
  }),
);

Deno.test(
  "the footer has the title, and leads to the URL",
  withSlack(async (slack) => {
    const target = { title: "The <blog>", url: "https://blog.example.com/" };
    await slack.channel(target).deliver(letter(), NEVER);
    assertEquals(
      slack.bodies[0].attachments[0].footer,
      "<https://blog.example.com/|The &lt;blog&gt;>/web1",
    );
  }),
);

Deno.test(
  "colours: red for errors, green for recoveries, else that of the host, which is never red",
  withSlack(async (slack) => {
    const channel = slack.channel();
    const parts: Partial<Letter>[] = [
      { importance: "error" },
      { importance: "recovery" },
      { importance: "important" },
      { importance: "normal" },
      { importance: "normal", host: "web2" },
    ];
    for (const part of parts) await channel.deliver(letter(part), NEVER);
    const colours = slack.bodies.map(({ attachments: [{ color }] }) => color);
    assertEquals(colours.slice(0, 2), ["#dd0000", "#36a64f"]);
    assertEquals(colours[2], colours[3]);
    assert(colours[3] !== colours[4]);
    for (const colour of colours) assert(/^#[0-9a-f]{6}$/.test(colour), colour);
  }),
);

Deno.test(
  "nothing that somebody printed calls a channel or leaves its block",
  withSlack(async (slack) => {
    const title = "<!channel> & co";
    await slack.channel().deliver(letter({ title, lastLines: ["```<!here>"] }), NEVER);
    const { text } = slack.bodies[0].attachments[0];
    assert(text.startsWith("*&lt;!channel&gt; &amp; co*"), text);
    assert(text.includes("```\n'''&lt;!here&gt;\n```"), text);
  }),
);

Deno.test(
  "the first message of a roll opens a thread, later ones reply in it",
  withSlack(async (slack) => {
    const channel = slack.channel();
    const letters: Partial<Letter>[] = [
      { roll: 17, importance: "normal" },
      { roll: null },
      { roll: 17, importance: "error" },
      { roll: 18 },
      { roll: 17, importance: "normal" },
    ];
    for (const part of letters) await channel.deliver(letter(part), NEVER);
    assertEquals(
      slack.bodies.map(({ thread_ts, reply_broadcast }) => [thread_ts, reply_broadcast]),
      [
        [undefined, undefined],
        [undefined, undefined],
        ["ts1", true],
        [undefined, undefined],
        ["ts1", false],
      ],
    );
  }),
);

Deno.test(
  "without threads every message stands by itself",
  withSlack(async (slack) => {
    const channel = slack.channel({ thread: false });
    for (const _ of [1, 2]) await channel.deliver(letter(), NEVER);
    assertEquals(slack.bodies.map(({ thread_ts }) => thread_ts), [undefined, undefined]);
  }),
);

Deno.test(
  "what Slack refuses is an error, though it says 200",
  withSlack(async (slack) => {
    const table: [Response, string, string][] = [
      [
        Response.json({ ok: false, error: "channel_not_found" }),
        "Undeliverable",
        "channel_not_found",
      ],
      [Response.json({ ok: false, error: "ratelimited" }), "TryLater", "ratelimited"],
      [Response.json({ ok: false, error: "<html>" }), "Undeliverable", "nothing useful"],
      [Response.json({ ok: false }), "Undeliverable", "nothing useful"],
      [Response.json({ ok: "true" }), "Undeliverable", "nothing useful"],
      [new Response("<html>"), "Undeliverable", "nothing useful"],
      [new Response("null"), "Undeliverable", "nothing useful"],
    ];
    for (const [reply, kind, why] of table) {
      slack.replies(reply);
      const error = await assertRejects(() => slack.channel().deliver(letter(), NEVER), Error);
      assertEquals([error.name, error.message], [kind, `Slack says ${why}`]);
    }
  }),
);

Deno.test(
  "429 is granted its pause",
  withSlack(async (slack) => {
    slack.replies(new Response(null, { status: 429, headers: { "retry-after": "3" } }));
    const error = await assertRejects(() => slack.channel().deliver(letter(), NEVER), TryLater);
    assertEquals(error.afterMs, 3_000);
  }),
);

Deno.test(
  "the token may come from the service manager, and is read anew every time",
  withSlack(async (slack) => {
    const dir = Deno.makeTempDirSync({ prefix: "liveroll-notify-" });
    try {
      const env = { SLACK_API_URL: slack.url, CREDENTIALS_DIRECTORY: dir };
      const channel = new SlackChannel(TARGET, env);
      assertEquals(await channel.problems(), [
        "there is no SLACK_TOKEN, and no credential liveroll-slack-token",
      ]);
      await assertRejects(() => channel.deliver(letter(), NEVER), Undeliverable, "SLACK_TOKEN");
      for (const token of ["first", "second"]) {
        Deno.writeTextFileSync(`${dir}/liveroll-slack-token`, `${token}\n`);
        await channel.deliver(letter(), NEVER);
        assertEquals(slack.received.at(-1)?.headers.get("authorization"), `Bearer ${token}`);
      }
      assertEquals(await channel.problems(), []);
    } finally {
      Deno.removeSync(dir, { recursive: true });
    }
  }),
);

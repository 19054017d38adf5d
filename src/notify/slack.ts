import { createHash } from "node:crypto";
import type { SlackTarget } from "../config/notify_kind.ts";
import { type Channel, TryLater, Undeliverable } from "./channel.ts";
import { type Environment, readCredential } from "./credentials.ts";
import { post } from "./http.ts";
import { type Letter, lostLine } from "./letter.ts";

const API = "https://slack.com/api";
const CREDENTIAL = "liveroll-slack-token";
const RED = "#dd0000";
const GREEN = "#36a64f";

/** Refusals that pass by themselves. */
const PASSING = [
  "ratelimited",
  "internal_error",
  "fatal_error",
  "request_timeout",
  "service_unavailable",
];

/** Rolls whose thread is remembered; the oldest is forgotten first. */
const MAX_THREADS = 50;

/** What Slack answers. */
interface Answer {
  readonly ok?: unknown;
  readonly error?: unknown;
  /** Names the message. */
  readonly ts?: unknown;
}

/** Posts to a channel; what is told of one roll stays in one thread. */
export class SlackChannel implements Channel {
  readonly name: string;
  readonly #target: SlackTarget;
  readonly #env: Environment;
  readonly #threads = new Map<number, string>();

  constructor(target: SlackTarget, env: Environment) {
    this.name = `slack ${target.channel}`;
    this.#target = target;
    this.#env = env;
  }

  async deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    const token = await this.#token();
    if (token === null) throw new Undeliverable("there is no SLACK_TOKEN");
    const { SLACK_API_URL = API } = this.#env;
    const text = await post(`${SLACK_API_URL}/chat.postMessage`, {
      headers: {
        "content-type": "application/json; charset=utf-8",
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify(this.#message(letter)),
      signal,
    });
    const { ts } = accepted(text);
    if (typeof ts === "string") this.#remember(letter.roll, ts);
  }

  async problems(): Promise<readonly string[]> {
    try {
      return await this.#token() === null
        ? [`there is no SLACK_TOKEN, and no credential ${CREDENTIAL}`]
        : [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  #token(): Promise<string | null> {
    return readCredential(this.#env, "SLACK_TOKEN", CREDENTIAL);
  }

  #message(letter: Letter): Record<string, unknown> {
    const { channel } = this.#target;
    const thread = letter.roll === null ? undefined : this.#threads.get(letter.roll);
    // In a thread only those who follow it would see it.
    const isUrgent = letter.importance !== "normal";
    const reply = thread === undefined ? {} : { thread_ts: thread, reply_broadcast: isUrgent };
    return { channel, username: "liveroll", ...reply, attachments: [this.#attachment(letter)] };
  }

  #attachment(letter: Letter): Record<string, unknown> {
    const { title, url } = this.#target;
    const name = escape(title ?? letter.app);
    const footer = `${url === null ? name : `<${url}|${name}>`}/${escape(letter.host)}`;
    return {
      color: colourOf(letter),
      fallback: escape(letter.title),
      text: textOf(letter),
      mrkdwn_in: ["text"],
      footer,
      ts: Math.floor(Date.parse(letter.at) / 1_000),
    };
  }

  #remember(roll: number | null, ts: string): void {
    if (roll === null || !this.#target.thread || this.#threads.has(roll)) return;
    this.#threads.set(roll, ts);
    if (this.#threads.size > MAX_THREADS) this.#threads.delete(this.#threads.keys().next().value!);
  }
}

/** @throws {TryLater | Undeliverable} When Slack has not taken the message. */
function accepted(text: string): Answer {
  const answer = parse(text);
  if (answer.ok === true) return answer;
  const { error } = answer;
  const why = typeof error === "string" && /^\w{1,60}$/.test(error) ? error : "nothing useful";
  const message = `Slack says ${why}`;
  throw PASSING.includes(why) ? new TryLater(message, 5_000) : new Undeliverable(message);
}

function parse(text: string): Answer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function textOf({ title, text, lastLines, lost, command }: Letter): string {
  const code = (lines: string) => lines.replaceAll("`", "'");
  const lines = lastLines.length === 0
    ? []
    : [`\`\`\`\n${code(escape(lastLines.join("\n")))}\n\`\`\``];
  return [
    `*${escape(title)}*`,
    ...text.map(escape),
    ...lines,
    ...lostLine(lost),
    `More: \`${code(escape(command))}\``,
  ].join("\n");
}

/** Slack's control characters; without this a log line could call the whole channel. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Failures are red, recoveries green; everything else has the colour of its host. */
function colourOf({ importance, host }: Letter): string {
  if (importance === "error") return RED;
  if (importance === "recovery") return GREEN;
  const [red = 0, green = 0, blue = 0] = createHash("md5").update(host).digest();
  const looksRed = red >= 0xcc && green <= 0x33 && blue <= 0x33;
  const parts = looksRed ? [green, blue, red] : [red, green, blue];
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

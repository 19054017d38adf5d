import type { Notification } from "./notification.ts";
import { createRedactor } from "./redact.ts";

/** Ids stay as they are in events, but one may be a URL with a password. */
const byShape = createRedactor({});

/** What is sent. */
export interface Letter extends
  Pick<
    Notification,
    "event" | "importance" | "text" | "lastLines" | "roll" | "from" | "to" | "running"
  > {
  /** The same at every try, so that a receiver can tell one that comes twice. */
  readonly id: string;
  readonly app: string;
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
  /** `blog on web1: v2 was refused`. */
  readonly title: string;
  /** Tells more. */
  readonly command: string;
  /** Letters to the same receiver that were given up before this one. */
  readonly lost: number;
}

/** Who writes. */
export interface Sender {
  readonly app: string;
  readonly host: string;
  /** Options by which commands find the application, for example `--app blog`. */
  readonly finds: string;
}

/** Puts a notification in an envelope; `at` in milliseconds since 1970. */
export function write(notification: Notification, sender: Sender, at: number): Letter {
  const { headline, look, gist: _, raises: _raises, ends: _ends, ...rest } = notification;
  const { app, host, finds } = sender;
  const { from, to, running } = rest;
  return {
    ...rest,
    from: from && byShape(from),
    to: to && byShape(to),
    running: running && byShape(running),
    text: rest.text.map(byShape),
    id: crypto.randomUUID(),
    app,
    host,
    at: new Date(at).toISOString(),
    title: byShape(`${app} on ${host}: ${headline}`),
    command: byShape(`liveroll ${look} ${finds}`),
    lost: 0,
  };
}

/** The whole letter as plain text; its title is the first line. */
export function plainText(letter: Letter): string {
  return [letter.title, ...body(letter)].join("\n");
}

/** The letter without its title, line by line. */
export function body({ text, lastLines, command, lost }: Letter): string[] {
  return [
    ...text,
    ...(lastLines.length === 0 ? [] : ["Last lines:", ...lastLines.map((line) => `  ${line}`)]),
    ...lostLine(lost),
    `More: ${command}`,
  ];
}

/** Says that letters were given up; nothing if none was. */
export function lostLine(lost: number): string[] {
  if (lost === 0) return [];
  return [`${lost} earlier ${lost === 1 ? "message has" : "messages have"} not arrived.`];
}

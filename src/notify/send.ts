import type { NotifyTarget } from "../config/notify_kind.ts";
import { runShellCommand } from "../platform/shell_command.ts";
import type { Notification } from "./notification.ts";

const TRY_MS = 10_000;

/** Who tells it. */
export interface Sender {
  readonly app: string;
  readonly hostname: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What is sent: a notification, and when it happened. */
export interface Letter extends Notification {
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Sends one notification.
 *
 * @throws {Error} When it did not arrive; the message holds no secret.
 */
export async function send(target: NotifyTarget, letter: Letter, sender: Sender): Promise<void> {
  switch (target.kind) {
    case "webhook":
      return await postWebhook(target, letter, sender);
    case "slack":
      return await postSlack(target, letter, sender);
    case "mail":
      return await mail(target, letter, sender);
    case "command":
      return await command(target.command, letter, sender);
  }
}

/** A name for a target that gives no secret away. */
export function targetName(target: NotifyTarget): string {
  switch (target.kind) {
    case "webhook":
      return `webhook ${new URL(target.url).host}`;
    case "slack":
      return `slack ${target.channel}`;
    case "mail":
      return `mail ${target.to.join(", ")}`;
    case "command":
      return "command";
  }
}

async function postWebhook(
  { url, secretFile }: Extract<NotifyTarget, { kind: "webhook" }>,
  { event, importance, message, at }: Letter,
  { app, hostname }: Sender,
): Promise<void> {
  const body = JSON.stringify({ app, host: hostname, event, importance, message, at });
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (secretFile !== null) {
    const secret = (await Deno.readTextFile(secretFile)).trim();
    headers["x-liveroll-signature"] = await signature(secret, body);
  }
  await post(url, { headers, body });
}

async function postSlack(
  { channel, title, url }: Extract<NotifyTarget, { kind: "slack" }>,
  { message }: Letter,
  { app, hostname, env }: Sender,
): Promise<void> {
  const token = env.SLACK_TOKEN;
  if (!token) throw new Error("there is no SLACK_TOKEN");
  const name = title ?? app;
  const footer = `${url === null ? name : `<${url}|${name}>`}/${hostname}`;
  const attachments = [{ text: message, footer }];
  const response = await post(`${env.SLACK_API_URL ?? "https://slack.com/api"}/chat.postMessage`, {
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ channel, username: "liveroll", attachments }),
  });
  const answer = JSON.parse(response) as { ok?: boolean; error?: string };
  if (answer.ok !== true) throw new Error(`Slack says ${answer.error ?? "no"}`);
}

async function post(url: string, init: RequestInit): Promise<string> {
  const signal = AbortSignal.timeout(TRY_MS);
  const response = await fetch(url, { ...init, method: "POST", redirect: "manual", signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return text;
}

/** `t=SECONDS,v1=HEX`, the HMAC-SHA256 of `SECONDS.BODY`. */
async function signature(secret: string, body: string): Promise<string> {
  const seconds = Math.floor(Date.now() / 1000);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(secret), how, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, bytes(`${seconds}.${body}`));
  return `t=${seconds},v1=${new Uint8Array(mac).toHex()}`;
}

async function mail(
  target: Extract<NotifyTarget, { kind: "mail" }>,
  { event, message }: Letter,
  { app, hostname, env }: Sender,
): Promise<void> {
  const { default: nodemailer } = await import("nodemailer");
  const user = target.username ?? env.MAIL_USERNAME;
  const pass = target.password ?? env.MAIL_PASSWORD;
  const from = target.from ?? env.MAIL_FROM ?? user;
  if (!from) throw new Error("there is no sender, give from= or MAIL_FROM");
  const transport = nodemailer.createTransport({
    host: target.host,
    port: target.port,
    secure: target.tls === "implicit",
    requireTLS: target.tls === "required",
    ignoreTLS: target.tls === "off",
    connectionTimeout: TRY_MS,
    greetingTimeout: TRY_MS,
    socketTimeout: TRY_MS,
    ...(user && pass ? { auth: { user, pass } } : {}),
  });
  try {
    const subject = target.subject ?? `${app}: ${event.replaceAll("_", " ")}`;
    const text = `${message}\n\n-- \n${app} on ${hostname}\n`;
    await transport.sendMail({ from, to: [...target.to], subject, text });
  } finally {
    transport.close();
  }
}

async function command(
  text: string,
  { event, message, at }: Letter,
  { app, env }: Sender,
): Promise<void> {
  const { result, idle } = runShellCommand(text, {
    env: {
      ...env,
      LIVEROLL_APP: app,
      LIVEROLL_EVENT: event,
      LIVEROLL_MESSAGE: message,
      LIVEROLL_AT: at,
    },
    timeoutMs: TRY_MS,
    onLine() {},
  });
  const ended = await result;
  await idle;
  if (ended.outcome !== "exited") throw new Error("the command took too long");
  if (ended.exit.code !== 0) throw new Error(`the command ended with ${ended.exit.code}`);
}

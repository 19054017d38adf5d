import type { NotifyTarget } from "../config/notify_kind.ts";
import type { Channel } from "./channel.ts";
import { CommandChannel } from "./command.ts";
import type { Environment } from "./credentials.ts";
import { MailChannel } from "./mail.ts";
import { SlackChannel } from "./slack.ts";
import { WebhookChannel } from "./webhook.ts";

/** The way to a receiver; a new kind is one file and one line here. */
export function channelTo(target: NotifyTarget, env: Environment): Channel {
  switch (target.kind) {
    case "slack":
      return new SlackChannel(target, env);
    case "mail":
      return new MailChannel(target, env);
    case "webhook":
      return new WebhookChannel(target, env);
    case "command":
      return new CommandChannel(target, env);
  }
}

/** Secrets that a target itself holds, so that they can be hidden everywhere else. */
export function secretsOf(target: NotifyTarget): readonly string[] {
  switch (target.kind) {
    case "mail":
      return target.password === null ? [] : [target.password];
    case "webhook": {
      // Who knows the path of most chat services' webhooks may write there.
      const { pathname, search } = new URL(target.url);
      return [`${pathname}${search}`].filter((path) => path.length >= 20);
    }
    default:
      return [];
  }
}

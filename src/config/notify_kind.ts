import { type Kind, parseInteger, quote, toggle } from "../values/kinds.ts";
import { didYouMean } from "../values/suggestion.ts";

/** A channel of a Slack workspace. */
export interface SlackTarget {
  readonly kind: "slack";
  readonly channel: string;
  /** Stands under every message; null: the name of the application. */
  readonly title: string | null;
  /** Where the title leads to. */
  readonly url: string | null;
  /** Everything that is told of one roll goes into one thread. */
  readonly thread: boolean;
  readonly quiet: boolean;
}

/** How mail is encrypted on its way; `opportunistic`: by STARTTLS where that is offered. */
export const MAIL_TLS = ["opportunistic", "required", "implicit", "off"] as const;

/** One of {@linkcode MAIL_TLS}. */
export type MailTls = (typeof MAIL_TLS)[number];

/** Mailboxes, by way of a mail server. */
export interface MailTarget {
  readonly kind: "mail";
  readonly host: string;
  readonly port: number;
  readonly to: readonly string[];
  readonly from: string | null;
  readonly username: string | null;
  readonly password: string | null;
  /** Null: what has happened. */
  readonly subject: string | null;
  readonly tls: MailTls;
  readonly quiet: boolean;
}

/** A URL that gets JSON. */
export interface WebhookTarget {
  readonly kind: "webhook";
  /** Without the parameters that are ours. */
  readonly url: string;
  /** Null: the service manager's credential, if there is one. */
  readonly secretFile: string | null;
  readonly quiet: boolean;
}

/** A shell command that gets the message. */
export interface CommandTarget {
  readonly kind: "command";
  readonly command: string;
  readonly quiet: false;
}

/** Who is told what happens. */
export type NotifyTarget = SlackTarget | MailTarget | WebhookTarget | CommandTarget;

const SCHEMES = ["slack", "mail", "smtp", "webhook+https", "webhook+http", "command"];
const WAYS = "slack://CHANNEL, mail://HOST/RECIPIENT, webhook+https://HOST/PATH or command:CMD";
const SLACK_PARAMETERS = ["title", "url", "thread", "quiet"];
const MAIL_PARAMETERS = ["username", "password", "from", "to", "subject", "tls", "quiet"];
const SUBMISSION_PORT = 587;
const IMPLICIT_TLS_PORT = 465;

/** One who is told. Neither passwords nor what else may be secret appear in complaints. */
export const notifyTarget: Kind<NotifyTarget> = {
  placeholder: "URL",
  parse(text) {
    const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(text)?.[0] ?? "";
    const rest = text.slice(scheme.length + 1);
    if (scheme === "command") return parseCommand(rest);
    switch (rest.startsWith("//") ? scheme : "") {
      case "slack":
        return parseSlack(split(rest, SLACK_PARAMETERS));
      case "mail":
      case "smtp":
        return parseMail(split(rest, MAIL_PARAMETERS));
      case "webhook+https":
      case "webhook+http":
        return parseWebhook(`${scheme.slice("webhook+".length)}:${rest}`);
    }
    throw new SyntaxError(`${noWay(scheme)}, give ${WAYS}`);
  },
};

/** What follows an unknown scheme may be a secret, and what has no scheme may be one altogether. */
function noWay(scheme: string): string {
  if (scheme === "") return "the value is no URL";
  if (scheme === "https" || scheme === "http") {
    return `${quote(`${scheme}://`)} is no way to notify, did you mean webhook+${scheme}://`;
  }
  return `${quote(`${scheme}:`)} is no way to notify${didYouMean(scheme, SCHEMES)}`;
}

function parseCommand(text: string): CommandTarget {
  if (text.trim() === "") throw new SyntaxError("the command is empty, give command:CMD");
  if (text.includes("\0")) throw new SyntaxError("the command contains a NUL byte, remove it");
  return { kind: "command", command: text, quiet: false };
}

function parseSlack({ path, parameters }: Parts): SlackTarget {
  const channel = path.replace(/\/$/, "");
  if (channel === "") {
    throw new SyntaxError("there is no channel, give for example slack://deploys");
  }
  if (!/^[#@]?[^\s#@/,:<>]+$/.test(channel)) {
    throw new SyntaxError(`${quote(channel)} is no channel, give for example slack://deploys`);
  }
  const url = parameters.get("url");
  if (url !== null && !/^https?:\/\/[^\s<>|]+$/.test(url)) {
    throw new SyntaxError(`url=${quote(url)} is no web address, give https://…`);
  }
  const title = parameters.get("title");
  const thread = isOn(parameters, "thread", true);
  return { kind: "slack", channel, title, url, thread, quiet: isOn(parameters, "quiet", false) };
}

function parseMail({ path, parameters }: Parts): MailTarget {
  const slash = path.indexOf("/");
  const server = slash < 0 ? path : path.slice(0, slash);
  const mailbox = slash < 0 ? "" : path.slice(slash + 1);
  const { host, port } = parseServer(server);
  const from = parameters.get("from");
  if (from !== null && !isAddress(from.replace(/^[^<>]*<([^<>]*)>$/, "$1"))) {
    throw new SyntaxError(`from=${quote(from)} is no mail address`);
  }
  return {
    kind: "mail",
    host,
    port,
    to: parseRecipients(mailbox === "" ? parameters.getAll("to").join(",") : mailbox),
    from,
    username: parameters.get("username"),
    password: parameters.get("password"),
    subject: parameters.get("subject"),
    tls: parseTls(parameters.get("tls"), port),
    quiet: isOn(parameters, "quiet", false),
  };
}

function parseServer(text: string): { host: string; port: number } {
  if (text.includes("@")) {
    throw new SyntaxError(
      "there are credentials before the host, give MAIL_USERNAME and MAIL_PASSWORD instead",
    );
  }
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([^:]*))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    const what = text === "" ? "there is no host" : `${quote(text)} is no host`;
    throw new SyntaxError(`${what}, give for example mail://smtp.example.com/me@example.com`);
  }
  return { host, port: port === undefined ? SUBMISSION_PORT : parseInteger(port, 1, 65_535) };
}

function parseRecipients(text: string): readonly string[] {
  const to = text.split(",").map((address) => address.trim()).filter((address) => address !== "");
  if (to.length === 0) {
    throw new SyntaxError("there is no recipient, give for example mail://HOST/me@example.com");
  }
  const bad = to.find((address) => !isAddress(address));
  if (bad === undefined) return to;
  throw new SyntaxError(`${quote(bad)} is no mail address, give for example me@example.com`);
}

function isAddress(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[^\s\x00-\x1f\x7f@,<>"]+@[^\s\x00-\x1f\x7f@,<>"]+$/.test(text);
}

/** `true` and `false` are Dewy's words. */
function parseTls(text: string | null, port: number): MailTls {
  if (text === null) return port === IMPLICIT_TLS_PORT ? "implicit" : "opportunistic";
  if (text === "true") return port === IMPLICIT_TLS_PORT ? "implicit" : "required";
  if (text === "false") return "off";
  const known = MAIL_TLS.find((word) => word === text);
  if (known !== undefined) return known;
  throw new SyntaxError(`tls=${quote(text)} is not known, give one of ${MAIL_TLS.join(", ")}`);
}

function parseWebhook(text: string): WebhookTarget {
  const [address = "", query] = text.split(/\?(.*)/s);
  const { hasCredentials } = parseUrl(address);
  if (hasCredentials) {
    throw new SyntaxError("there are credentials before the host, sign with secret-file= instead");
  }
  const parts = query === undefined ? [] : query.split("&");
  const isOurs = (part: string) => /^(secret-file|quiet)(=|$)/.test(part);
  const parameters = new URLSearchParams(parts.filter(isOurs).join("&"));
  const theirs = parts.filter((part) => !isOurs(part)).join("&");
  const secretFile = parameters.get("secret-file");
  if (secretFile === "") throw new SyntaxError("secret-file= is empty, give the path of a file");
  const quiet = isOn(parameters, "quiet", false);
  const url = theirs === "" ? address : `${address}?${theirs}`;
  return { kind: "webhook", url, secretFile, quiet };
}

function parseUrl(text: string): { hasCredentials: boolean } {
  const url = URL.parse(text);
  if (url === null || /^https?:\/\/\//.test(text)) {
    throw new SyntaxError("there is no host, give for example webhook+https://example.com/hook");
  }
  if (url.hash !== "") throw new SyntaxError("there is a fragment (#…), which is never sent");
  return { hasCredentials: url.username !== "" || url.password !== "" };
}

interface Parts {
  /** Between scheme and parameters. */
  path: string;
  parameters: URLSearchParams;
}

/** Takes `//path?parameters` apart. @throws {SyntaxError} At a parameter that is not `known`. */
function split(text: string, known: readonly string[]): Parts {
  const [path = "", query = ""] = text.slice("//".length).split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const unknown = parameters.keys().find((name) => !known.includes(name));
  if (unknown === undefined) return { path: decode(path), parameters };
  if (parameters.has("password")) {
    // It may be what follows an ampersand in the password.
    throw new SyntaxError("a parameter is not known; in a password, write & as %26");
  }
  throw new SyntaxError(
    `the parameter ${quote(unknown)} is not known${didYouMean(unknown, known)}: ` +
      `give one of ${known.join(", ")}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SyntaxError("a percent sign is not followed by two hexadecimal digits, give %25");
  }
}

function isOn(parameters: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = parameters.get(name);
  if (text === null) return fallback;
  try {
    return toggle.parse(text);
  } catch {
    throw new SyntaxError(`${name}=${quote(text)} is neither true nor false`);
  }
}

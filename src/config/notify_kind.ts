import { type Kind, quote } from "./kinds.ts";

/** Who is told what happens. */
export type NotifyTarget =
  | {
    readonly kind: "slack";
    readonly channel: string;
    readonly title: string | null;
    readonly url: string | null;
    /** One thread for everything that is told of a roll. */
    readonly thread: boolean;
    readonly quiet: boolean;
  }
  | {
    readonly kind: "mail";
    readonly host: string;
    readonly port: number;
    readonly to: readonly string[];
    readonly from: string | null;
    readonly username: string | null;
    readonly password: string | null;
    readonly subject: string | null;
    /** `opportunistic`: STARTTLS where it is offered. */
    readonly tls: "opportunistic" | "required" | "implicit" | "off";
    readonly quiet: boolean;
  }
  | {
    readonly kind: "webhook";
    /** Without the parameters that are ours. */
    readonly url: string;
    readonly secretFile: string | null;
    readonly quiet: boolean;
  }
  | { readonly kind: "command"; readonly command: string; readonly quiet: boolean };

const TRUE_WORDS = ["1", "t", "true", "yes", "on"];
const DEFAULT_MAIL_PORT = 587;
const IMPLICIT_TLS_PORT = 465;
const SCHEMES = "slack://CHANNEL, mail://HOST/RECIPIENT, webhook+https://…, command:CMD";

/** One target for notifications. Passwords never appear in complaints. */
export const notifyTarget: Kind<NotifyTarget> = {
  placeholder: "URL",
  parse(text) {
    if (text.startsWith("command:")) return parseCommand(text.slice("command:".length));
    const scheme = /^[a-z+]+(?=:\/\/)/.exec(text)?.[0] ?? "";
    switch (scheme) {
      case "slack":
        return parseSlack(text);
      case "mail":
      case "smtp":
        return parseMail(text);
      case "webhook+https":
      case "webhook+http":
        return parseWebhook(text);
    }
    throw new SyntaxError(
      `${quote(scheme || text.slice(0, 20))} is no way to notify, give ${SCHEMES}`,
    );
  },
};

function parseCommand(command: string): NotifyTarget {
  if (command.trim() === "") throw new SyntaxError("the command is empty, give command:CMD");
  return { kind: "command", command, quiet: false };
}

function parseSlack(text: string): NotifyTarget {
  const { pathname, params } = split(text, ["title", "url", "thread", "quiet"]);
  const channel = pathname.replaceAll("/", "");
  if (channel === "") {
    throw new SyntaxError("there is no channel, give for example slack://deploys");
  }
  const [title, url] = [params.get("title"), params.get("url")];
  return {
    kind: "slack",
    channel,
    title,
    url,
    thread: isOn(params, "thread"),
    quiet: isOn(params, "quiet"),
  };
}

function parseMail(text: string): NotifyTarget {
  const known = ["username", "password", "from", "to", "subject", "tls", "quiet"];
  const { pathname, params } = split(text, known);
  const [address = "", ...path] = pathname.split("/");
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(address) ??
    [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    throw new SyntaxError(
      "there is no host, give for example mail://smtp.example.com/me@example.com",
    );
  }
  const number = Number(port ?? DEFAULT_MAIL_PORT);
  const to = (path.join("/") || (params.get("to") ?? "")).split(",").map((one) => one.trim())
    .filter((one) => one !== "");
  if (to.length === 0) {
    throw new SyntaxError("there is no recipient, give for example mail://HOST/me@example.com");
  }
  const bad = [...to, params.get("from") ?? "a@b"].find((one) =>
    /[\r\n]/.test(one) || !one.includes("@")
  );
  if (bad !== undefined) throw new SyntaxError(`${quote(bad)} is no mail address`);
  return {
    kind: "mail",
    host,
    port: number,
    to,
    from: params.get("from"),
    username: params.get("username"),
    password: params.get("password"),
    subject: params.get("subject"),
    tls: tlsOf(params.get("tls"), number),
    quiet: isOn(params, "quiet"),
  };
}

function tlsOf(text: string | null, port: number): Extract<NotifyTarget, { kind: "mail" }>["tls"] {
  if (text === null) return port === IMPLICIT_TLS_PORT ? "implicit" : "opportunistic";
  switch (text) {
    case "opportunistic":
    case "required":
    case "implicit":
    case "off":
      return text;
    case "true":
      return port === IMPLICIT_TLS_PORT ? "implicit" : "required";
    case "false":
      return "off";
  }
  throw new SyntaxError(
    `tls=${quote(text)} is not known, give opportunistic, required, implicit or off`,
  );
}

function parseWebhook(text: string): NotifyTarget {
  const url = parseUrl(text.slice("webhook+".length));
  const secretFile = url.searchParams.get("secret-file");
  const quiet = isOn(url.searchParams, "quiet");
  url.searchParams.delete("secret-file");
  url.searchParams.delete("quiet");
  return { kind: "webhook", url: url.href, secretFile, quiet };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new SyntaxError("it is not a URL, give for example webhook+https://example.com/hook");
  }
}

/** The part between scheme and parameters, and the parameters; an unknown one is a mistake. */
function split(
  text: string,
  known: readonly string[],
): { pathname: string; params: URLSearchParams } {
  const [, rest = "", query = ""] = /^[a-z+]+:\/\/([^?]*)\??(.*)$/s.exec(text) ?? [];
  const params = new URLSearchParams(query);
  for (const name of params.keys()) {
    if (known.includes(name)) continue;
    throw new SyntaxError(`the parameter ${quote(name)} is not known, give ${known.join(", ")}`);
  }
  return { pathname: decodeURIComponent(rest), params };
}

function isOn(params: URLSearchParams, name: string): boolean {
  return TRUE_WORDS.includes((params.get(name) ?? "").toLowerCase());
}

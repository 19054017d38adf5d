import net from "node:net";
import type { MailTarget } from "../config/notify_kind.ts";
import { isLoopback } from "../platform/loopback.ts";
import { type Channel, Undeliverable } from "./channel.ts";
import { type Environment, readCredential } from "./credentials.ts";
import { body, type Letter } from "./letter.ts";

const USERNAME_CREDENTIAL = "liveroll-mail-username";
const PASSWORD_CREDENTIAL = "liveroll-mail-password";

/** The mailbox gives up earlier; these are for what does not listen to it. */
const LIMIT_MS = 60_000;

/** Who sends, and how it shows that it may. */
interface Login {
  readonly from: string | null;
  readonly auth: { readonly user: string; readonly pass: string } | null;
}

/** Sends mail by way of a server. */
export class MailChannel implements Channel {
  readonly name: string;
  readonly #target: MailTarget;
  readonly #env: Environment;

  constructor(target: MailTarget, env: Environment) {
    this.name = `mail ${target.to.join(", ")}`;
    this.#target = target;
    this.#env = env;
  }

  async deliver(letter: Letter, signal: AbortSignal): Promise<void> {
    const { from, auth } = await this.#login();
    if (from === null) throw new Undeliverable("there is no sender, give from= or MAIL_FROM");
    const { host, port, to, tls, subject } = this.#target;
    const { default: nodemailer } = await import("nodemailer");
    // Our own connection can be ended at once; nodemailer's would go on until its timeout.
    const connection = await connect(host, port, signal);
    const end = () => connection.destroy();
    signal.addEventListener("abort", end);
    const transport = nodemailer.createTransport({
      host,
      port,
      connection,
      secure: tls === "implicit",
      // A password never goes out in the clear because somebody in between says so.
      requireTLS: tls === "required" ||
        tls === "opportunistic" && auth !== null && !isLoopback(host),
      ignoreTLS: tls === "off",
      greetingTimeout: LIMIT_MS,
      socketTimeout: LIMIT_MS,
      ...(auth === null ? {} : { auth }),
    });
    try {
      const message = { ...compose(letter), from, to: [...to], subject: subject ?? letter.title };
      const { rejected } = await transport.sendMail(message);
      if (rejected.length > 0) throw new Undeliverable(`${rejected.join(", ")} was refused`);
    } catch (error) {
      signal.throwIfAborted();
      throw failure(error);
    } finally {
      signal.removeEventListener("abort", end);
      transport.close();
      end();
    }
  }

  async problems(): Promise<readonly string[]> {
    const { password, username, tls, host } = this.#target;
    try {
      const { from, auth } = await this.#login();
      const hasName = (username ?? this.#env.MAIL_USERNAME) !== undefined;
      return [
        ...(password === null ? [] : [
          "its password stands in the URL, which everybody on this host can read in the list of " +
          `processes: give MAIL_PASSWORD or the credential ${PASSWORD_CREDENTIAL}`,
        ]),
        ...(from === null ? ["there is no sender, give from= or MAIL_FROM"] : []),
        ...(auth === null && hasName ? ["there is a user name and no password"] : []),
        ...(auth !== null && tls === "off" && !isLoopback(host)
          ? ["with tls=off the password can be read on its way"]
          : []),
      ];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  async #login(): Promise<Login> {
    const { username, password, from } = this.#target;
    const env = this.#env;
    const user = username ?? await readCredential(env, "MAIL_USERNAME", USERNAME_CREDENTIAL);
    const pass = password ?? await readCredential(env, "MAIL_PASSWORD", PASSWORD_CREDENTIAL);
    const sender = from ?? env.MAIL_FROM ?? (user?.includes("@") ? user : null);
    return { from: sender, auth: user !== null && pass !== null ? { user, pass } : null };
  }
}

function compose(letter: Letter): Record<string, unknown> {
  const { id, app, host, roll, event, importance, title, at } = letter;
  const domain = host.replace(/[^\w.-]/g, "-");
  const text = [title, "", ...body(letter), "", "-- ", `${app} on ${host}, ${at}`, ""].join("\n");
  return {
    text,
    date: new Date(at),
    messageId: `<${id}@${domain}>`,
    // Mail programs put what is about the same roll together.
    ...(roll === null ? {} : { references: `<roll-${roll}.${app}@${domain}>` }),
    headers: {
      "auto-submitted": "auto-generated",
      "x-liveroll-event": event,
      "x-liveroll-importance": importance,
    },
  };
}

async function connect(host: string, port: number, signal: AbortSignal): Promise<net.Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = net.connect({ host, port });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  socket.once("connect", resolve);
  socket.once("error", reject);
  try {
    await promise;
    socket.off("error", reject);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** What the server has said, or why it could not. */
function failure(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof Undeliverable) return error as Error;
  const code = "responseCode" in error ? Number(error.responseCode) : 0;
  const text = error.message.split("\n")[0]?.slice(0, 300) ?? "";
  return code >= 500 ? new Undeliverable(text) : new Error(text);
}

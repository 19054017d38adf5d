import { delay } from "@std/async/delay";
import { OWNER } from "./abandoned.ts";
import { PortClaim } from "./ports.ts";
import { program, type Requirement, root } from "./skip.ts";

/** Who may send from everywhere. */
export const MAIL_USER = { name: "bot", password: "Sesame-&-open+7" } as const;

/** Signed by itself; `DENO_CERT` makes liveroll trust it. */
export const MAIL_CERTIFICATE = new URL("../fixtures/tls/first.cert.pem", import.meta.url).pathname;

const KEY = new URL("../fixtures/tls/first.key.pem", import.meta.url).pathname;
const PATIENCE_MS = 20_000;
const LOOK_MS = 10;

/** What a real mail server needs: it changes its user for every delivery. */
export const MAIL_SERVER: readonly Requirement[] = [program("exim4"), root()];

/** A mail that has arrived. */
export interface Mail {
  /** As it came, headers first. */
  readonly raw: string;
  /** Of the envelope. */
  readonly recipient: string;
}

/**
 * Exim on loopback, with everything it keeps in a directory of its own.
 *
 * `plainPort` takes mail from everybody and offers STARTTLS, `submissionPort` offers STARTTLS and
 * takes mail only from who has logged in, `tlsPort` speaks TLS from the first byte and takes it only
 * from who has logged in. Logging in is possible without TLS. Mail to `refused@…` gets 550, mail to
 * `later@…` 451.
 */
export class SmtpServer implements AsyncDisposable {
  readonly plainPort: number;
  readonly submissionPort: number;
  readonly tlsPort: number;
  readonly #claim = new PortClaim(3);
  readonly #dir = Deno.makeTempDirSync({ prefix: "liveroll-smtp-" });
  readonly #child: Deno.ChildProcess;

  /** Starts one and waits until it listens. */
  static async start(): Promise<SmtpServer> {
    const server = new SmtpServer();
    try {
      for (const port of [server.plainPort, server.submissionPort, server.tlsPort]) {
        await listening(port);
      }
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor() {
    const [plain, submission, tls] = this.#claim.ports as [number, number, number];
    this.plainPort = plain;
    this.submissionPort = submission;
    this.tlsPort = tls;
    // Deliveries are made by a user that may not do much.
    Deno.chmodSync(this.#dir, 0o755);
    for (const name of ["spool", "log", "mail"]) Deno.mkdirSync(`${this.#dir}/${name}`);
    Deno.chmodSync(`${this.#dir}/mail`, 0o777);
    Deno.writeTextFileSync(`${this.#dir}/conf`, this.#config());
    this.#child = new Deno.Command("exim4", {
      args: ["-C", `${this.#dir}/conf`, "-bdf"],
      env: { [OWNER]: `${Deno.pid}` },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** All that has arrived, in the order of arrival. */
  get mails(): Mail[] {
    const dir = `${this.#dir}/mail/new`;
    const names = [...readDir(dir)].map(({ name }) => name);
    const read = (name: string) => Deno.readTextFileSync(`${dir}/${name}`);
    const time = (name: string) => Deno.statSync(`${dir}/${name}`).mtime?.getTime() ?? 0;
    return names.toSorted((a, b) => time(a) - time(b)).map(read).map((raw) => ({
      raw,
      recipient: /^Envelope-to: (.*)$/m.exec(raw)?.[1] ?? "",
    }));
  }

  /** Resolves with all mails as soon as one of them is as it should be. */
  async waitFor(isRight: (mail: Mail) => boolean): Promise<readonly Mail[]> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const { mails } = this;
      if (mails.some(isRight)) return mails;
      await delay(LOOK_MS);
    }
    const seen = this.mails.map(({ raw }) => raw).join("\n---\n");
    throw new Error(`Cannot see the mail; there are:\n${seen}\nThe log was:\n${this.log}`);
  }

  /** What it has written about itself. */
  get log(): string {
    const dir = `${this.#dir}/log`;
    return [...readDir(dir)].map(({ name }) => Deno.readTextFileSync(`${dir}/${name}`)).join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    this.#claim[Symbol.dispose]();
    await removed(this.#dir);
  }

  #config(): string {
    const dir = this.#dir;
    const { name, password } = MAIL_USER;
    return `
primary_hostname = localhost
spool_directory = ${dir}/spool
log_file_path = ${dir}/log/%slog
pid_file_path = ${dir}/pid
exim_user = root
exim_group = root
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${this.plainPort} : ${this.submissionPort} : ${this.tlsPort}
tls_on_connect_ports = ${this.tlsPort}
tls_advertise_hosts = *
tls_certificate = ${MAIL_CERTIFICATE}
tls_privatekey = ${KEY}
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = recipient
acl_smtp_data = accept
begin acl
recipient:
  deny condition = \${if eq{$local_part}{refused}}
    message = there is no such mailbox
  defer condition = \${if eq{$local_part}{later}}
    message = come back later
  accept authenticated = *
  accept condition = \${if eq{$received_port}{${this.plainPort}}}
begin routers
everybody:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = ${dir}/mail
  maildir_format
  envelope_to_add
  user = nobody
  group = nogroup
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${name}}}{eq{$auth3}{${password}}}}}
  server_set_id = $auth2
`;
  }
}

function* readDir(path: string): Generator<Deno.DirEntry> {
  try {
    yield* Deno.readDirSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(LOOK_MS);
  }
}

/** A delivery that is still under way may create a file meanwhile. */
async function removed(dir: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return Deno.removeSync(dir, { recursive: true });
    } catch (error) {
      if (tries === 100) throw error;
    }
    await delay(LOOK_MS);
  }
}

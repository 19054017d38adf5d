/** A status is for people; more than this helps nobody. */
const LONGEST_STATUS = 500;

/** What a socket begins with. */
export interface NotifySocketOptions {
  /** Tells it from all others; whoever knows it can open the socket again. @default {random} */
  name?: string;
  /** Whether the child has said so before, to somebody else. @default {false} */
  ready?: boolean;
}

/**
 * A socket on which one child tells how it is doing, by the protocol of sd_notify.
 *
 * Who sends cannot be told from here: credentials do not come with the messages. What takes their
 * place is a name of its own for every child, that nobody can guess and only the child is told. It
 * is abstract: it leaves no file behind, and a child that gives up its user can still send. It is
 * not a secret from other users of the machine, who can list the names of sockets.
 */
export class NotifySocket {
  /** For `NOTIFY_SOCKET`. */
  readonly address: string;
  readonly #socket: Deno.DatagramConn;
  #ready: boolean;
  #status: string | null = null;
  #closed = false;
  readonly #done: Promise<void>;

  /** @throws When there are no sockets of this kind, or nothing is left to open one. */
  constructor({ name = crypto.randomUUID(), ready = false }: NotifySocketOptions = {}) {
    const path = `liveroll-child-${name}`;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: `\0${path}` });
    this.address = `@${path}`;
    this.#ready = ready;
    this.#done = this.#listen();
  }

  /** It said `READY=1`, and not `STOPPING=1` since. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Its last `STATUS=` line, null when there was none. */
  get status(): string | null {
    return this.#status;
  }

  /** Listens no more; safe to call again. Resolves when nothing is left of it. */
  async close(): Promise<void> {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
    await this.#done;
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    while (!this.#closed) {
      try {
        const [message] = await this.#socket.receive();
        for (const line of decoder.decode(message).split("\n")) this.#hear(line);
      } catch {
        // Closed; nothing else goes wrong when receiving datagrams.
        return;
      }
    }
  }

  #hear(line: string): void {
    if (line === "READY=1") this.#ready = true;
    else if (line === "STOPPING=1") this.#ready = false;
    else if (line.startsWith("STATUS=")) {
      this.#status = line.slice("STATUS=".length, LONGEST_STATUS).trim() || null;
    }
  }
}

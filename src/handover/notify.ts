/** Messages that may wait for a slow receiver; more are dropped, a service manager is not a log. */
const MAX_WAITING = 64;
/** How long {@linkcode Notifier} waits for the last messages when it is disposed. */
const FLUSH_MS = 1_000;

/** Tells the service manager how the program is doing. No method throws or waits. */
export interface Notifier extends AsyncDisposable {
  /** False when nobody listens; every call is a no-op then. */
  readonly enabled: boolean;
  /** Start-up, or a reload, has ended. */
  ready(): void;
  /** A reload has begun; {@linkcode Notifier.ready} must follow. */
  reloading(): void;
  /** The program is on its way out. */
  stopping(): void;
  /**
   * Another process of the same service goes on in our place, and is the main one from now on.
   * Resolves when that is told, or cannot be; never rejects.
   */
  mainPid(pid: number): Promise<void>;
  /** One line for people, shown by `systemctl status`. */
  status(text: string): void;
  /** Asks for `ms` more milliseconds, from now, for the start or stop that is going on. */
  extendTimeout(ms: number): void;
}

/** What {@linkcode openNotifier} takes from its surroundings. */
export interface NotifierOptions {
  /** Reads the variables of the sd_notify protocol. @default {Deno.env.get} */
  env?: (name: string) => string | undefined;
  /** Compared with `WATCHDOG_PID`. @default {Deno.pid} */
  pid?: number;
  /** Told of the first message that could not be delivered, and of no other. */
  onError?: (error: Error) => void;
}

/**
 * Opens the channel that `NOTIFY_SOCKET` names and, when `WATCHDOG_USEC` asks for it, sends a sign
 * of life twice per watchdog period until the notifier is disposed.
 *
 * Disposing it waits, at most a second, for messages under way. It never unlinks the socket of the
 * service manager and leaves no file of its own.
 *
 * @returns A notifier that does nothing when there is no service manager.
 */
export function openNotifier(
  { env = (name) => Deno.env.get(name), pid = Deno.pid, onError = () => {} }: NotifierOptions = {},
): Notifier {
  const address = env("NOTIFY_SOCKET");
  if (!address) return new SilentNotifier();
  try {
    return new DatagramNotifier(socketPath(address), watchdogPeriodMs(env, pid), onError);
  } catch (cause) {
    onError(
      new Error(`Cannot notify the service manager at ${address}: ${message(cause)}`, { cause }),
    );
    return new SilentNotifier();
  }
}

class SilentNotifier implements Notifier {
  readonly enabled = false;
  ready(): void {}
  reloading(): void {}
  stopping(): void {}
  status(): void {}
  mainPid(): Promise<void> {
    return Promise.resolve();
  }
  extendTimeout(): void {}
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

class DatagramNotifier implements Notifier {
  readonly enabled = true;
  readonly #socket: Deno.DatagramConn;
  readonly #to: Deno.UnixAddr;
  readonly #watchdog: ReturnType<typeof setInterval> | null;
  readonly #onError: (error: Error) => void;
  #sent: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failed = false;
  #closed = false;

  constructor(path: string, watchdogMs: number | null, onError: (error: Error) => void) {
    // An abstract name leaves no file behind; the random part keeps two of us apart.
    const own = `\0liveroll-${crypto.randomUUID()}`;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: own });
    this.#to = { transport: "unixpacket", path };
    this.#onError = onError;
    this.#watchdog = watchdogMs === null
      ? null
      : setInterval(() => this.#send("WATCHDOG=1"), watchdogMs);
  }

  ready(): void {
    this.#send("READY=1");
  }

  reloading(): void {
    this.#send(`RELOADING=1\nMONOTONIC_USEC=${monotonicUsec()}`);
  }

  stopping(): void {
    this.#send("STOPPING=1");
  }

  mainPid(pid: number): Promise<void> {
    this.#send(`MAINPID=${pid}`);
    return this.#sent;
  }

  status(text: string): void {
    this.#send(`STATUS=${text.replace(/[\r\n\0]+/g, " ").trim()}`);
  }

  extendTimeout(ms: number): void {
    this.#send(`EXTEND_TIMEOUT_USEC=${Math.max(1, Math.round(ms * 1_000))}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, FLUSH_MS);
    await Promise.race([this.#sent, timeUp.promise]);
    clearTimeout(timer);
    // What still waits for a reader is given up: closing does not end it.
    this.#socket.close();
  }

  #send(text: string): void {
    if (this.#closed) return;
    if (this.#waiting >= MAX_WAITING) {
      return this.#report(new Error(`${MAX_WAITING} messages wait already`));
    }
    this.#waiting++;
    const bytes = new TextEncoder().encode(text);
    this.#sent = this.#sent
      .then(async () => void await this.#socket.send(bytes, this.#to))
      .catch((error) => this.#report(error))
      .finally(() => void this.#waiting--);
  }

  #report(cause: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const address = this.#to.path.replace("\0", "@");
    const text = `Cannot notify the service manager at ${address}: ${message(cause)}`;
    this.#onError(new Error(text, { cause }));
  }
}

/** Turns the notation `@name` of an abstract socket into its real name. */
function socketPath(address: string): string {
  if (address.startsWith("/")) return address;
  if (address.startsWith("@")) return `\0${address.slice(1)}`;
  throw new TypeError("only paths and abstract names are supported");
}

function watchdogPeriodMs(env: (name: string) => string | undefined, pid: number): number | null {
  const usec = Number(env("WATCHDOG_USEC") ?? 0);
  const meantFor = env("WATCHDOG_PID");
  if (!Number.isFinite(usec) || usec <= 0) return null;
  if (meantFor !== undefined && Number(meantFor) !== pid) return null;
  return Math.max(1, usec / 1_000 / 2);
}

/**
 * `CLOCK_MONOTONIC` as far as it can be had without foreign functions: the uptime, which counts
 * hundredths and time asleep as well. Rounded up, because the service manager only refuses
 * time-stamps from before the reload it asked for.
 */
function monotonicUsec(): number {
  try {
    const uptime = Number.parseFloat(Deno.readTextFileSync("/proc/uptime"));
    return Math.round((uptime + 0.01) * 1_000_000);
  } catch {
    return Math.round((Deno.osUptime() + 1) * 1_000_000);
  }
}

function message(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

import { delay } from "@std/async/delay";
import type { Config } from "../../config/config.ts";
import type { Operator } from "../../control/operator.ts";
import { PAGE_FILES } from "../../control/page/mod.ts";
import { type ControlOptions, type ControlServer, startControl } from "../../control/server.ts";
import { readSecretFile, readToken, requireToken } from "../../control/token.ts";
import type { Log } from "../../platform/log.ts";

/** Between two tries to open the door by TCP, in milliseconds. */
const RETRY_MS = 100;
/** Who leaves an address cuts what is under way there after two seconds. */
const TOLD_AFTER_TRIES = 30;

/** The secrets of the control API; read before anything is started. */
export interface ControlSecrets {
  readonly token: string | null;
  readonly webhookSecret: string | null;
}

/**
 * Reads what the configuration names.
 *
 * @throws {Error} When it cannot be used, or is not enough; the message names the file or address.
 */
export async function readControlSecrets(
  { controlListen, controlTokenFile, webhookSecretFile }: Config,
  env: Readonly<Record<string, string>>,
  log: Log,
): Promise<ControlSecrets> {
  if (controlListen === null) return { token: null, webhookSecret: null };
  const token = await readToken(controlTokenFile, env.CREDENTIALS_DIRECTORY);
  const complaint = requireToken(controlListen, token?.value ?? null);
  if (complaint !== null) throw new Error(complaint);
  const webhook = webhookSecretFile === null
    ? null
    : await readSecretFile(webhookSecretFile, "webhook secret");
  for (const { warnings } of [token, webhook].filter((secret) => secret !== null)) {
    for (const warning of warnings) log.warn(warning, { event: "secret.open" });
  }
  return { token: token?.value ?? null, webhookSecret: webhook?.value ?? null };
}

/** What both doors are opened with. */
type Common = Omit<ControlOptions, "socketPath" | "listen">;

/** The control API where it is wanted: at its socket always, by TCP if asked for. */
export class ControlDoors implements AsyncDisposable {
  readonly #common: Common;
  readonly #socketPath: string;
  readonly #closing = new AbortController();
  #bySocket: ControlServer | null = null;
  #byTcp: ControlServer | null = null;
  #tries: Promise<void> = Promise.resolve();

  /**
   * Opens the doors. One that cannot be opened is told of, and what runs goes on; that by TCP is
   * tried again: whoever had the address before us may need a moment to leave it.
   *
   * @throws {Error} When the address would be open to everybody, for want of a token.
   */
  static async open(
    operator: Operator,
    { controlListen, app }: Pick<Config, "controlListen" | "app">,
    { token, webhookSecret }: ControlSecrets,
    socketPath: string,
    log: Log,
  ): Promise<ControlDoors> {
    const complaint = requireToken(controlListen, token);
    if (complaint !== null) throw new Error(complaint);
    const onError = (error: unknown) => log.warn(textOf(error), { event: "control.error" });
    const common = { operator, token, webhookSecret, page: PAGE_FILES, onError };
    const doors = new ControlDoors(common, socketPath);
    if (controlListen !== null) {
      const onOpen = () =>
        log.info(`Control API of ${app} at http://${url(controlListen)}/`, { event: "control" });
      await doors.#openTcp(controlListen, onOpen);
    }
    await doors.openSocket();
    return doors;
  }

  private constructor(common: Common, socketPath: string) {
    this.#common = common;
    this.#socketPath = socketPath;
  }

  /** Opens the door in the state directory, once more if that is another one now. Never rejects. */
  async openSocket(): Promise<void> {
    await this.#bySocket?.close();
    this.#bySocket = null;
    try {
      const options = { ...this.#common, socketPath: this.#socketPath, listen: null };
      this.#bySocket = await startControl(options);
    } catch (error) {
      this.#common.onError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#tries;
    await Promise.all([this.#byTcp?.close(), this.#bySocket?.close()]);
  }

  async #openTcp(listen: ControlOptions["listen"], onOpen: () => void): Promise<void> {
    const attempt = async (): Promise<unknown> => {
      try {
        this.#byTcp = await startControl({ ...this.#common, socketPath: null, listen });
        return void onOpen();
      } catch (error) {
        return error;
      }
    };
    if (await attempt() !== undefined) this.#tries = this.#keepTrying(attempt);
  }

  async #keepTrying(attempt: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#closing;
    for (let tries = 1;; tries++) {
      const goesOn = await delay(RETRY_MS, { signal }).then(() => true, () => false);
      const error = goesOn ? await attempt() : undefined;
      if (error === undefined) return;
      if (tries === TOLD_AFTER_TRIES) this.#common.onError(error);
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function url({ host, port }: { host: string; port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

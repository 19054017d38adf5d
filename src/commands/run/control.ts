import type { Config } from "../../config/config.ts";
import type { Operator } from "../../control/operator.ts";
import { PAGE_FILES } from "../../control/page/mod.ts";
import { type ControlOptions, type ControlServer, startControl } from "../../control/server.ts";
import { readSecretFile, readToken, requireToken } from "../../control/token.ts";
import type { Log } from "../../platform/log.ts";

/** The secrets of the control API; read before anything is started. */
export interface ControlSecrets {
  readonly token: string | null;
  readonly webhookSecret: string | null;
}

/** Nobody can be let in where it was asked for. Nothing was started yet. */
export class ControlListenError extends Error {
  override readonly name = "ControlListenError";
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

/** The control API where it is wanted: at its socket always, by TCP if asked for. */
export class ControlDoors implements AsyncDisposable {
  readonly #byTcp: ControlServer | null;
  readonly #openSocket: () => Promise<ControlServer | null>;
  #bySocket: ControlServer | null = null;

  /**
   * Opens the doors. A socket that cannot be is only told of: what runs is more important.
   *
   * @throws {ControlListenError} When the address cannot be listened on, or not without a token.
   */
  static async open(
    operator: Operator,
    { controlListen, app }: Pick<Config, "controlListen" | "app">,
    { token, webhookSecret }: ControlSecrets,
    socketPath: string,
    log: Log,
  ): Promise<ControlDoors> {
    const onError = (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      log.warn(message, { event: "control.error" });
    };
    const common = { operator, token, webhookSecret, page: PAGE_FILES, onError };
    let byTcp: ControlServer | null = null;
    if (controlListen !== null) {
      byTcp = await listen({ ...common, socketPath: null, listen: controlListen });
      log.info(`Control API of ${app} at http://${url(controlListen)}/`, { event: "control" });
    }
    const doors = new ControlDoors(byTcp, async () => {
      try {
        return await startControl({ ...common, socketPath, listen: null });
      } catch (error) {
        onError(error);
        return null;
      }
    });
    await doors.openSocket();
    return doors;
  }

  private constructor(
    byTcp: ControlServer | null,
    openSocket: () => Promise<ControlServer | null>,
  ) {
    this.#byTcp = byTcp;
    this.#openSocket = openSocket;
  }

  /** Opens the door in the state directory, once more if that is another one now. Never rejects. */
  async openSocket(): Promise<void> {
    await this.#bySocket?.close();
    this.#bySocket = await this.#openSocket();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#byTcp?.close(), this.#bySocket?.close()]);
  }
}

async function listen(options: ControlOptions): Promise<ControlServer> {
  try {
    return await startControl(options);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ControlListenError(message, { cause });
  }
}

function url({ host, port }: { host: string; port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

import type { Config } from "../../config/config.ts";
import type { Operator } from "../../control/operator.ts";
import { PAGE_FILES } from "../../control/page/mod.ts";
import { type ControlServer, startControl } from "../../control/server.ts";
import { readSecretFile, readToken } from "../../control/token.ts";
import type { Log } from "../../platform/log.ts";

/** The secrets of the control API; read before anything is started. */
export interface ControlSecrets {
  readonly token: string | null;
  readonly webhookSecret: string | null;
}

/**
 * Reads what the configuration names.
 *
 * @throws {Error} When it cannot be used; the message names the file.
 */
export async function readControlSecrets(
  { controlListen, controlTokenFile, webhookSecretFile }: Config,
  env: Readonly<Record<string, string>>,
  log: Log,
): Promise<ControlSecrets> {
  if (controlListen === null) return { token: null, webhookSecret: null };
  const token = await readToken(controlTokenFile, env.CREDENTIALS_DIRECTORY);
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
  readonly #servers: readonly ControlServer[];

  /**
   * Opens the doors. A socket that cannot be is only told of: what runs is more important.
   *
   * @throws {Error} When the address cannot be listened on, or not without a token.
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
    const servers: ControlServer[] = [];
    if (controlListen !== null) {
      const server = await startControl({ ...common, socketPath: null, listen: controlListen });
      servers.push(server);
      log.info(`Control API of ${app} at http://${url(controlListen)}/`, { event: "control" });
    }
    try {
      servers.push(await startControl({ ...common, socketPath, listen: null }));
    } catch (error) {
      onError(error);
    }
    return new ControlDoors(servers);
  }

  private constructor(servers: readonly ControlServer[]) {
    this.#servers = servers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

function url({ host, port }: { host: string; port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

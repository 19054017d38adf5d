import type { Config } from "../../config/config.ts";
import type { Log } from "../../platform/log.ts";
import { type AccessLogFile, openAccessLog } from "../../proxy/access_log_file.ts";
import { CertificateFiles, type CertificateOwner } from "./certificate.ts";

/** The files that are in use as long as liveroll runs. */
export class Files implements AsyncDisposable {
  readonly #log: Log;
  readonly #closing = new AbortController();

  /**
   * Opens what the configuration names.
   *
   * @throws {Error} When one of them cannot be used; the message names it.
   */
  static async open({ tls, accessLog }: Config, log: Log): Promise<Files> {
    const onError = ({ message }: Error) => log.warn(message, { event: "access_log.trouble" });
    const certificate = tls && await CertificateFiles.open(tls);
    return new Files(certificate, accessLog && await openAccessLog({ ...accessLog, onError }), log);
  }

  private constructor(
    readonly certificate: CertificateFiles | null,
    readonly accessLog: AccessLogFile | null,
    log: Log,
  ) {
    this.#log = log;
  }

  /** Looks after what may be exchanged without a word, until this is disposed of. */
  watch(owner: CertificateOwner): void {
    this.certificate?.watch(owner, this.#log, this.#closing.signal);
  }

  /** Reads or opens again what may have been exchanged; neither throws nor waits. */
  reload(owner: CertificateOwner): void {
    this.certificate?.reload(owner, this.#log);
    this.accessLog?.reopen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.accessLog?.close();
  }
}

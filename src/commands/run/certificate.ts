import type { TlsFiles } from "../../config/config.ts";
import { type Clock, systemClock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Certificate } from "../../proxy/engine.ts";
import { checkCertificate } from "../../proxy/net/tls.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/;
/** In PKCS #8, and in the older form of OpenSSL. */
const PASSWORD = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** How often the files are looked at, for renewals that tell nobody. */
const LOOK_EVERY_MS = 60_000;

/** What speaks TLS. */
export interface CertificateOwner {
  /** @throws {TypeError} When it is unusable; the old one stays. */
  setCertificate(certificate: Certificate): void;
}

/** The files of a certificate and its key, and what was last read from them. */
export class CertificateFiles {
  readonly #files: TlsFiles;
  #current: Certificate;

  /** @throws {Error} When one of them cannot be read or used; the message names it. */
  static async open(files: TlsFiles): Promise<CertificateFiles> {
    return new CertificateFiles(files, await read(files));
  }

  private constructor(files: TlsFiles, certificate: Certificate) {
    this.#files = files;
    this.#current = certificate;
  }

  get current(): Certificate {
    return this.#current;
  }

  /**
   * Reads them again once a minute, until `signal` aborts: a renewal need not send `HUP`, which
   * would also roll the application. Trouble is told once. Never rejects.
   */
  async watch(owner: CertificateOwner, log: Log, signal: AbortSignal, clock: Clock = systemClock) {
    let last: string | null = null;
    while (await clock.sleep(LOOK_EVERY_MS, signal).then(() => true, () => false)) {
      const trouble = await this.#handOver(owner, log);
      if (trouble !== null && trouble !== last) this.#complain(trouble, log);
      last = trouble;
    }
  }

  /** Reads them again and hands over what is new; if that fails, the old one stays. Never rejects. */
  async reload(owner: CertificateOwner, log: Log): Promise<void> {
    const trouble = await this.#handOver(owner, log);
    if (trouble !== null) this.#complain(trouble, log);
  }

  /** @returns Why the old certificate stays; null when all is well. */
  async #handOver(owner: CertificateOwner, log: Log): Promise<string | null> {
    const { cert: file } = this.#files;
    try {
      const certificate = await read(this.#files);
      if (this.#isCurrent(certificate)) {
        log.debug(`The certificate in ${file} is the same as before`, { event: "tls.same" });
        return null;
      }
      owner.setCertificate(certificate);
      this.#current = certificate;
      log.info(`New connections get the certificate that is in ${file} now`, {
        event: "tls.reloaded",
        file,
      });
      return null;
    } catch (error) {
      return text(error);
    }
  }

  #complain(trouble: string, log: Log): void {
    const { cert: file } = this.#files;
    log.error(`${trouble}; the old certificate stays`, { event: "tls.reload_failed", file });
  }

  #isCurrent({ cert, key }: Certificate): boolean {
    return cert === this.#current.cert && key === this.#current.key;
  }
}

async function read(files: TlsFiles): Promise<Certificate> {
  const cert = await readPem(files.cert, CERTIFICATE, "certificate");
  const key = await readPem(files.key, PRIVATE_KEY, "private key");
  try {
    checkCertificate({ cert, key });
  } catch (cause) {
    throw new Error(`Cannot serve ${files.cert} with the key ${files.key}: ${text(cause)}`, {
      cause,
    });
  }
  return { cert, key };
}

async function readPem(path: string, begin: RegExp, what: string): Promise<string> {
  const pem = await Deno.readTextFile(path).catch((cause) => {
    throw new Error(`Cannot read the ${what} ${path}: ${text(cause)}`, { cause });
  });
  if (PASSWORD.test(pem)) throw new Error(`Cannot use ${path}: it has a password, remove that`);
  if (!begin.test(pem)) throw new Error(`Cannot use ${path}: there is no ${what} (PEM) in it`);
  return pem;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

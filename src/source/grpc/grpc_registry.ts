import {
  type Asset,
  type AssetBody,
  type AuditRecord,
  type Registry,
  RegistryError,
  type Release,
} from "../registry.ts";
import type { RegistryTarget } from "../registry_target.ts";
import { artifactPlace, fileName } from "./artifact_place.ts";
import {
  type CurrentRequest,
  type CurrentResponse,
  readCurrentResponse,
  writeCurrentRequest,
  writeReportRequest,
} from "./messages.ts";
import { callUnary } from "./unary_call.ts";

const SERVICE = "/dewy.RegistryService";

/** Ids of so many releases are kept, for records about them. */
const MAX_IDS = 100;

/** What is asked, and whom. */
export interface GrpcOptions {
  /** `http://HOST:PORT`, or with TLS `https://HOST:PORT`. */
  readonly server: string;
  readonly wish: CurrentRequest;
  /** Opens the registry in which an artifact lies. */
  open(target: RegistryTarget): Promise<Registry>;
  /** How long a call may take. @default {30000} */
  readonly deadlineMs?: number;
}

/**
 * A server that decides itself what should run. It names one release and where its file lies; that
 * is fetched from there.
 */
export class GrpcRegistry implements Registry {
  readonly #options: GrpcOptions;
  readonly #ids = new Map<string, string>();
  /** Where the last file lay, for the next one. */
  #opened: { text: string; registry: Registry } | null = null;

  constructor(options: GrpcOptions) {
    this.#options = options;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const message = writeCurrentRequest(this.#options.wish);
    const current = this.#read(await this.#call("Current", message, signal));
    this.#ids.delete(current.tag);
    this.#ids.set(current.tag, current.id);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MAX_IDS && oldest !== undefined) this.#ids.delete(oldest);
    return [toRelease(current)];
  }

  async fetch(
    { ref }: Asset,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    const place = artifactPlace(ref);
    const registry = await this.#open(place.target);
    if ("asset" in place) return await registry.fetch(place.asset, { offset, signal });
    const releases = await registry.releases(signal);
    const asset = releases.find(({ tag }) => tag === place.tag)?.assets
      .find(({ name }) => name === place.name);
    if (asset !== undefined) return await registry.fetch(asset, { offset, signal });
    throw new RegistryError("not_found", `Cannot fetch ${ref}: there is no such file`);
  }

  async report(tag: string, { command, error }: AuditRecord, signal: AbortSignal): Promise<void> {
    // Another may have asked for us.
    if (!this.#ids.has(tag)) await this.releases(signal);
    const id = this.#ids.get(tag) ?? "";
    await this.#call("Report", writeReportRequest({ id, tag, command, error }), signal);
  }

  #call(
    method: string,
    message: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { server, deadlineMs } = this.#options;
    const deadline = deadlineMs === undefined ? {} : { deadlineMs };
    return callUnary({ server, path: `${SERVICE}/${method}`, message, signal, ...deadline });
  }

  #read(bytes: Uint8Array<ArrayBuffer>): CurrentResponse {
    try {
      const current = readCurrentResponse(bytes);
      if (current.tag === "") throw new SyntaxError("it names no tag");
      return current;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const { host } = new URL(this.#options.server);
      throw new RegistryError("invalid", `Cannot use the answer of ${host}: ${error.message}`);
    }
  }

  async #open(target: RegistryTarget): Promise<Registry> {
    if (this.#opened?.text === target.text) return this.#opened.registry;
    const registry = await this.#options.open(target);
    this.#opened = { text: target.text, registry };
    return registry;
  }
}

function toRelease({ tag, artifactUrl, createdAt }: CurrentResponse): Release {
  const asset = { name: fileName(artifactUrl), size: null, ref: artifactUrl, sha256: null };
  // What has no file yet may get one.
  const assets = artifactUrl === "" ? [] : [{ ...asset, isChosen: true }];
  return { tag, publishedAt: createdAt, assets };
}

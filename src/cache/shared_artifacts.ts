import type { Log } from "../platform/log.ts";
import type { Asset, AssetBody, AuditRecord, Registry, Release } from "../source/registry.ts";
import { ArtifactReader } from "./artifact_reader.ts";
import type { ArtifactTurns } from "./artifact_turns.ts";
import { ArtifactWriter } from "./artifact_writer.ts";
import { type Store, StoreError } from "./store.ts";

/** These vouch for what comes out of a store, and must not come out of it themselves. */
const VOUCHES = /sha256|checksums|\.(?:minisig|sig|asc|bundle|sigstore|cosign|pem)(?:\.|$)/i;

const LONGEST_NAME = 180;

/** How artifacts are shared. */
export interface SharedArtifactsOptions {
  readonly registry: Registry;
  readonly store: Store;
  /** Artifacts are kept in pieces of so many bytes. */
  readonly pieceBytes: number;
  /** Every key begins with it. */
  readonly prefix: string;
  /** Null: nobody else fetches by way of this store. */
  readonly turns: ArtifactTurns | null;
  readonly log: Log;
}

type FetchOptions = Parameters<Registry["fetch"]>[1];

/**
 * A registry whose artifacts are kept in a store: whoever fetches one puts it there, and whoever
 * wants it next finds it there. What is wrong there is fetched from the registry.
 */
export class SharedArtifacts implements Registry {
  readonly #options: SharedArtifactsOptions;
  /** Tags by what the registry needs to fetch a file. */
  #tags: ReadonlyMap<string, string> = new Map();
  /** Handed out from their beginning: who asks again was not content. */
  readonly #handedOut = new Set<string>();

  constructor(options: SharedArtifactsOptions) {
    this.#options = options;
  }

  get hasFiles(): boolean {
    return this.#options.registry.hasFiles ?? true;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const releases = await this.#options.registry.releases(signal);
    this.#tags = new Map(
      releases.flatMap(({ tag, assets }) => assets.map(({ ref }) => [ref, tag] as const)),
    );
    return releases;
  }

  async fetch(asset: Asset, options: FetchOptions): Promise<AssetBody> {
    const key = this.#keyOf(asset);
    if (key === null) return await this.#options.registry.fetch(asset, options);
    return await this.#fromStore(key, asset, options) ??
      await this.#fromRegistry(key, asset, options);
  }

  async reserve(asset: Asset, signal: AbortSignal): Promise<AsyncDisposable | null> {
    const { turns, store } = this.#options;
    const key = this.#keyOf(asset);
    if (turns === null || key === null || this.#handedOut.has(key)) return null;
    const isThere = async () => await ArtifactReader.open(store, key, asset, signal) !== null;
    return await turns.take({ name: asset.name, key, isThere }, signal);
  }

  report(tag: string, record: AuditRecord, signal: AbortSignal): Promise<void> {
    return this.#options.registry.report(tag, record, signal);
  }

  /** Null: it is not shared. */
  #keyOf({ name, ref }: Asset): string | null {
    const tag = this.#tags.get(ref);
    if (tag === undefined || VOUCHES.test(name)) return null;
    const file = encode(`${tag}--${name}`);
    return file.length > LONGEST_NAME ? null : `${this.#options.prefix}/${file}`;
  }

  async #fromStore(
    key: string,
    asset: Asset,
    { offset, signal }: FetchOptions,
  ): Promise<AssetBody | null> {
    if (this.#handedOut.has(key)) return null;
    const { store, log } = this.#options;
    const onTrouble = (error: unknown) => {
      this.#handedOut.add(key);
      if (!(error instanceof StoreError)) return;
      log.warn(`${asset.name} is fetched without the cache: ${error.message}`);
    };
    try {
      const reader = await ArtifactReader.open(store, key, asset, signal);
      if (reader === null) return null;
      const body = await reader.read(offset, signal, onTrouble);
      if (offset === 0) this.#handedOut.add(key);
      log.info(`${asset.name} comes out of the cache`);
      return body;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StoreError)) throw error;
      onTrouble(error);
      return null;
    }
  }

  async #fromRegistry(key: string, asset: Asset, options: FetchOptions): Promise<AssetBody> {
    const answer = await this.#options.registry.fetch(asset, options);
    if (answer.offset !== 0) return answer;
    const { body, totalBytes } = answer;
    if (!await this.#hasRoom(asset, asset.size ?? totalBytes, options.signal)) return answer;
    const { store, pieceBytes } = this.#options;
    const writer = new ArtifactWriter(store, key, pieceBytes);
    const wanted = { key, asset, totalBytes };
    return { ...answer, body: this.#copy(body, writer, wanted, options.signal) };
  }

  /** Without its size, nobody can tell: then it is tried. */
  async #hasRoom({ name }: Asset, bytes: number | null, signal: AbortSignal): Promise<boolean> {
    const { store, log } = this.#options;
    try {
      if (bytes === null || await (store.hasRoom?.(bytes, signal) ?? true)) return true;
      log.warn(`${name} is not shared: ${store.name} has no room for ${bytes} bytes`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StoreError)) throw error;
      log.warn(`${name} is not shared: ${error.message}`);
    }
    return false;
  }

  /** The same bytes, which go into the store on the way; without it they go on alone. */
  #copy(
    body: AssetBody["body"],
    writer: ArtifactWriter,
    { key, asset, totalBytes }: { key: string; asset: Asset; totalBytes: number | null },
    signal: AbortSignal,
  ): AssetBody["body"] {
    let isGoing = true;
    const handedOut = this.#handedOut;
    const attempt = async (work: () => Promise<void>) => {
      if (!isGoing) return;
      try {
        await work();
      } catch (error) {
        isGoing = false;
        signal.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        this.#options.log.warn(`${asset.name} is not shared: ${why}`);
      }
    };
    return body.pipeThrough(
      new TransformStream({
        async transform(chunk, controller) {
          controller.enqueue(chunk);
          await attempt(() => writer.write(chunk, signal));
        },
        async flush() {
          await attempt(async () => {
            await writer.finish(asset, totalBytes, signal);
            // As it came from the registry: nothing that was wrong with the former one is left.
            handedOut.delete(key);
          });
        },
      }),
    );
  }
}

/** Letters that keys may have, one way only. */
function encode(text: string): string {
  const hex = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*~]/g, hex);
}

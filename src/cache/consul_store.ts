import { ask, readBytes } from "../source/http.ts";
import { RegistryError } from "../source/registry.ts";
import { type ConsulCall, ConsulLocks } from "./consul_locks.ts";
import { type Lease, type LeaseOptions, type Store, StoreError, type Versioned } from "./store.ts";

/** Consul refuses longer values. */
const MAX_BYTES = 512 * 1024;

const NOT_FOUND = 404;

/** The index of what is not there. */
const NOTHING = "0";

/** Which server, and where in it. */
export interface ConsulPlace {
  /** Without a slash at its end, for example `http://127.0.0.1:8500`. */
  readonly url: string;
  /** Every key begins with it; empty, or with a slash at its end. */
  readonly prefix: string;
  /** Null: the one of the server that is asked. */
  readonly datacenter: string | null;
  /** Null: nobody in particular asks. */
  readonly token: string | null;
}

/** Values in the key/value store of Consul. They are small: artifacts are not among them. */
export class ConsulStore implements Store {
  readonly name: string;
  readonly pieceBytes = null;
  readonly #place: ConsulPlace;
  readonly #locks: ConsulLocks;

  constructor(place: ConsulPlace) {
    this.name = `Consul at ${new URL(place.url).host}`;
    this.#place = place;
    this.#locks = new ConsulLocks((call) => this.#ask("use", call));
  }

  async get(key: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    return await this.#ask("read", { path: this.#path(key), query: { raw: "" }, signal });
  }

  async look(key: string, signal: AbortSignal): Promise<Versioned | null> {
    const answer = await this.#ask("read", { path: this.#path(key), signal });
    return answer === null ? null : readEntry(answer, this.name);
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    await this.#put(key, bytes, {}, signal);
  }

  async putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const answer = await this.#put(key, bytes, { cas: version ?? NOTHING }, signal);
    return answer !== null && new TextDecoder().decode(answer).trim() === "true";
  }

  lease(key: string, options: LeaseOptions): Promise<Lease | null> {
    return this.#locks.take(this.#path(key), options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    if (bytes.length > MAX_BYTES) {
      const detail = `${bytes.length} bytes are more than the ${MAX_BYTES} that it takes`;
      throw new StoreError(`Cannot write ${this.name}: ${detail}`);
    }
    const path = this.#path(key);
    return await this.#ask("write", { path, query, method: "PUT", body: bytes, signal });
  }

  #path(key: string): string {
    return `kv/${(this.#place.prefix + key).split("/").map(encodeURIComponent).join("/")}`;
  }

  /** Null: there is no such thing. */
  async #ask(verb: string, call: ConsulCall): Promise<Uint8Array<ArrayBuffer> | null> {
    const { path, query, method = "GET", body, signal } = call;
    const { url, datacenter, token } = this.#place;
    const search = new URLSearchParams({
      ...query,
      ...(datacenter !== null && { dc: datacenter }),
    });
    try {
      const response = await ask({
        url: `${url}/v1/${path}?${search}`,
        method,
        headers: token === null ? {} : { "x-consul-token": token },
        ...(body !== undefined && { body }),
        // A token is for one host only.
        redirect: "manual",
        allow: [NOT_FOUND],
        signal,
      });
      if (response.ok) return await readBytes(response);
      await response.body?.cancel();
      return null;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RegistryError)) throw error;
      throw new StoreError(`Cannot ${verb} ${this.name}: ${error.message}`);
    }
  }
}

/** @throws {StoreError} When the answer is not what Consul says of a key. */
function readEntry(answer: Uint8Array, name: string): Versioned {
  try {
    const [{ Value, ModifyIndex }] = JSON.parse(new TextDecoder().decode(answer));
    // What is empty is null.
    return { bytes: Uint8Array.fromBase64(Value ?? ""), version: String(Number(ModifyIndex)) };
  } catch {
    throw new StoreError(`Cannot read ${name}: its answer is no entry`);
  }
}

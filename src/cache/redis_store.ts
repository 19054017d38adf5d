import { Redis } from "ioredis";
import { Buffer } from "node:buffer";
import type { RedisTarget } from "../config/redis_place.ts";
import { type Lease, type LeaseOptions, type Store, StoreError, type Versioned } from "./store.ts";

const PIECE_BYTES = 1024 * 1024;

/** What nobody has written anew for so long is removed. */
const KEEP_MS = 7 * 24 * 3600_000;

const CONNECT_MS = 5_000;

/** Takes a lease and counts its holders, in one step. */
const TAKE = `if redis.call("set", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then
  return redis.call("incr", KEYS[2])
end
return 0`;

const RENEW = `if redis.call("get", KEYS[1]) == ARGV[1] then
  return redis.call("pexpire", KEYS[1], ARGV[2])
end
return 0`;

const RELEASE = `if redis.call("get", KEYS[1]) == ARGV[1] then
  return redis.call("del", KEYS[1])
end
return 0`;

/** A version is what Redis makes of the bytes; nothing has none. */
const PUT_IF = `local found = redis.call("get", KEYS[1])
if (found and redis.sha1hex(found) or "") ~= ARGV[1] then
  return 0
end
redis.call("set", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`;

/** Values in a Redis server. Connects when it is first used, and again when that is lost. */
export class RedisStore implements Store {
  readonly name: string;
  readonly pieceBytes = PIECE_BYTES;
  readonly #redis: Redis;
  readonly #prefix: string;
  /** Why there is no connection; what Redis says when a call fails is less clear. */
  #trouble = "";

  constructor({ host, port, db, isTls, username, password, prefix }: Omit<RedisTarget, "kind">) {
    this.name = `Redis at ${host}:${port}`;
    this.#prefix = prefix;
    this.#redis = new Redis({
      host,
      port,
      db,
      ...(isTls ? { tls: {} } : {}),
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      // A call fails with the connection, the next one connects again: whoever calls knows what to
      // do without a cache, and when to try it again.
      retryStrategy: () => null,
    });
    this.#redis.on("error", (error: Error) => this.#trouble = error.message);
    this.#redis.on("ready", () => this.#trouble = "");
  }

  async get(key: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = await this.#try("read", signal, () => this.#redis.getBuffer(this.#key(key)));
    return bytes === null ? null : new Uint8Array(bytes);
  }

  async look(key: string, signal: AbortSignal): Promise<Versioned | null> {
    const bytes = await this.get(key, signal);
    return bytes === null ? null : { bytes, version: await sha1Of(bytes) };
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const value = bufferOf(bytes);
    await this.#try("write", signal, () => this.#redis.set(this.#key(key), value, "PX", KEEP_MS));
  }

  async putIf(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    version: string | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const values = [version ?? "", bufferOf(bytes), KEEP_MS];
    const put = () => this.#redis.eval(PUT_IF, 1, this.#key(key), ...values);
    return await this.#try("write", signal, put) === 1;
  }

  async lease(key: string, { holder, ttlMs, signal }: LeaseOptions): Promise<Lease | null> {
    const lock = this.#key(key);
    const mine = `${holder} ${crypto.randomUUID()}`;
    const run = async (script: string, keys: string[], values: string[], signal: AbortSignal) =>
      Number(
        await this.#try(
          "use",
          signal,
          () => this.#redis.eval(script, keys.length, ...keys, ...values),
        ),
      );
    const fence = await run(TAKE, [lock, `${lock}:fence`], [mine, String(ttlMs)], signal);
    if (fence === 0) return null;
    return {
      fence,
      renew: async (signal) => await run(RENEW, [lock], [mine, String(ttlMs)], signal) === 1,
      release: async (signal) => void await run(RELEASE, [lock], [mine], signal),
    };
  }

  close(): Promise<void> {
    // A connection that is gone would be waited for.
    if (this.#redis.status !== "end") this.#redis.disconnect();
    return Promise.resolve();
  }

  #key(key: string): string {
    return this.#prefix + key;
  }

  /** No cause goes with the error: it has the call in it, password and all. */
  async #try<T>(verb: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      if (this.#redis.status === "end") await this.#redis.connect();
      return await work();
    } catch (error) {
      const why = this.#trouble || (error instanceof Error ? error.message : String(error));
      throw new StoreError(`Cannot ${verb} ${this.name}: ${why}`);
    }
  }
}

function bufferOf(bytes: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function sha1Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).toHex();
}

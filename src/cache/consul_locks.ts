import { type Lease, type LeaseOptions, StoreError } from "./store.ts";

/** Sessions shorter or longer than that are refused. */
const MIN_TTL_S = 10;
const MAX_TTL_S = 86_400;

/**
 * A lock is free at once when its session ends; by default it would be kept back for 15 s, in case
 * its holder has not noticed yet. That is what fences are for.
 */
const LOCK_DELAY = "1ms";

/** A call of Consul's HTTP API. */
export interface ConsulCall {
  /** After `/v1/`, without a query. */
  readonly path: string;
  /** What follows the question mark; words without a value are flags. */
  readonly query?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** Asks Consul; null: there is no such thing. @throws {StoreError} */
type Ask = (call: ConsulCall) => Promise<Uint8Array | null>;

/** What is known of a lock. */
interface Lock {
  /** Id of the session that holds it; null: nobody does. */
  readonly session: string | null;
  /** Grows from holder to holder. */
  readonly index: number;
}

/**
 * Leases as Consul has them: a session that ends unless it is renewed, and a key that it locks.
 * Consul may let a session live for up to twice its time.
 */
export class ConsulLocks {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Null: somebody else has it. @throws {StoreError} */
  async take(path: string, { holder, ttlMs, signal }: LeaseOptions): Promise<Lease | null> {
    // Looking costs little, a session is written by all servers: who waits makes none.
    if ((await this.#look(path, signal))?.session) return null;
    const session = await this.#begin(holder, ttlMs, signal);
    try {
      const query = { acquire: session };
      const isMine = await this.#put(path, query, holder, signal);
      const lock = isMine ? await this.#look(path, signal) : null;
      if (lock?.session === session) return this.#lease(path, session, lock.index);
    } catch (error) {
      await this.#end(session).catch(() => {});
      throw error;
    }
    await this.#end(session);
    return null;
  }

  #lease(path: string, session: string, fence: number): Lease {
    return {
      fence,
      renew: async (signal) => {
        const call = { path: `session/renew/${session}`, method: "PUT", signal };
        if (await this.#ask(call) === null) return false;
        return (await this.#look(path, signal))?.session === session;
      },
      release: async (signal) => {
        await this.#put(path, { release: session }, "", signal);
        await this.#end(session, signal);
      },
    };
  }

  /** What has been taken is not left to itself because whoever wanted it was called off. */
  async #end(session: string, signal = new AbortController().signal): Promise<void> {
    await this.#ask({ path: `session/destroy/${session}`, method: "PUT", signal });
  }

  async #begin(holder: string, ttlMs: number, signal: AbortSignal): Promise<string> {
    const seconds = Math.min(MAX_TTL_S, Math.max(MIN_TTL_S, Math.ceil(ttlMs / 1000)));
    const body = JSON.stringify({
      Name: `liveroll ${holder}`,
      TTL: `${seconds}s`,
      LockDelay: LOCK_DELAY,
      Behavior: "release",
    });
    const call = { path: "session/create", method: "PUT", body, signal };
    const { ID } = (await this.#json(call) ?? {}) as { ID?: unknown };
    if (typeof ID === "string") return ID;
    throw new StoreError("Cannot use Consul: it began no session");
  }

  /** Null: the key has never been locked. */
  async #look(path: string, signal: AbortSignal): Promise<Lock | null> {
    // Not from a server that was cut off and does not know it yet.
    const [entry] = (await this.#json({ path, query: { consistent: "" }, signal }) ?? []) as {
      Session?: string;
      LockIndex?: number;
    }[];
    if (entry === undefined) return null;
    return { session: entry.Session ?? null, index: entry.LockIndex ?? 0 };
  }

  async #put(
    path: string,
    query: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    return await this.#json({ path, query, method: "PUT", body, signal }) === true;
  }

  /** Null: there is no such thing. */
  async #json(call: ConsulCall): Promise<unknown> {
    const bytes = await this.#ask(call);
    try {
      return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new StoreError(`Cannot use Consul: its answer to ${call.path} is no JSON`);
    }
  }
}

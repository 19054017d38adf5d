import type { StoreTarget } from "../config/cache_kind.ts";
import type { Clock } from "../platform/clock.ts";
import { BoundedStore } from "./bounded_store.ts";
import type { Store } from "./store.ts";

/** What a store needs besides its target. */
export interface StoreContext {
  /** Where files are kept if the target names no place. */
  readonly directory: string;
  /** Where artifacts are fetched to. */
  readonly downloads: string;
  /** Where keys and tokens are. */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  date(): number;
}

type Kind = StoreTarget["kind"];
type Target<K extends Kind> = Extract<StoreTarget, { readonly kind: K }>;
type Open<K extends Kind> = (target: Target<K>, context: StoreContext) => Promise<Store>;

/** Every kind of store; its code is loaded when it is the one. */
const KINDS: { readonly [K in Kind]: Open<K> } = {
  async memory(_target, { clock }) {
    const { MemoryStore } = await import("./memory_store.ts");
    return new MemoryStore(() => clock.now());
  },
  async file({ path }, { directory, downloads, clock, date }) {
    const { FileStore } = await import("./file_store.ts");
    return await FileStore.open(path ?? directory, { now: () => clock.now(), date, downloads });
  },
  async redis(target) {
    const { RedisStore } = await import("./redis_store.ts");
    return new RedisStore(target);
  },
  async consul(target, { env }) {
    const { ConsulStore } = await import("./consul_store.ts");
    return new ConsulStore({ ...target, token: env.CONSUL_HTTP_TOKEN || null });
  },
  async s3(target, { env, clock, date }) {
    const { openS3 } = await import("../source/s3/open_s3.ts");
    const { BucketStore } = await import("./bucket_store.ts");
    return new BucketStore(openS3(target, env, date), target.prefix, clock);
  },
  async gcs({ bucket, prefix }, { env, clock, date }) {
    const { openGcs } = await import("../source/gcs/open_gcs.ts");
    const { BucketStore } = await import("./bucket_store.ts");
    return new BucketStore(await openGcs(bucket, env, date), prefix, clock);
  },
};

/**
 * The store at `target`; no server is asked yet.
 *
 * @throws {StoreError} When a directory cannot be used.
 * @throws {Error} When a variable makes no sense; the message names it.
 */
export async function openStore<K extends Kind>(
  target: Target<K>,
  context: StoreContext,
): Promise<Store> {
  const open = KINDS[target.kind as K] as Open<K>;
  return new BoundedStore(await open(target, context), context.clock);
}

/** Whether nobody else sees what is in the store at `target`. */
export function isPrivate(target: StoreTarget): boolean {
  return target.kind === "memory" || target.kind === "file" && target.path === null;
}

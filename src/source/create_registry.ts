import type { Registry } from "./registry.ts";
import type { RegistryTarget, ReleaseWish } from "./registry_target.ts";

/** What a registry needs besides its target. */
export interface RegistryContext {
  /** Where keys, tokens and other endpoints are looked for. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  date(): number;
}

type Kind = RegistryTarget["kind"];
type Target<K extends Kind> = Extract<RegistryTarget, { readonly kind: K }>;
type Create<K extends Kind> = (target: Target<K>, context: RegistryContext) => Promise<Registry>;

/** Every kind of registry; its code is loaded when it is the one. */
const KINDS: { readonly [K in Kind]?: Create<K> } = {
  async directory({ path }) {
    const { DirectoryRegistry } = await import("./directory_registry.ts");
    return new DirectoryRegistry(path);
  },
  async index({ url }) {
    const { IndexRegistry } = await import("./index_registry.ts");
    return new IndexRegistry(url);
  },
  async github(target, { env, date }) {
    const { createGitHub } = await import("./github/create_github.ts");
    return createGitHub(target, env, date);
  },
  async s3(target, { env, date }) {
    const { createS3 } = await import("./s3/create_s3.ts");
    return createS3(target, env, date);
  },
  async gcs(target, { env, date }) {
    const { createGcs } = await import("./gcs/create_gcs.ts");
    return await createGcs(target, env, date);
  },
  async grpc(target, context) {
    const { createGrpc } = await import("./grpc/create_grpc.ts");
    return createGrpc(target, (other) => createRegistry(other, context));
  },
  async oci(target, { env, date }) {
    const { createOci } = await import("./oci/create_oci.ts");
    return createOci(target, env, date);
  },
};

/**
 * The registry at `target`. Nobody is asked yet.
 *
 * @throws {Error} When the environment makes no sense; the message names the variable.
 */
export async function createRegistry<K extends Kind>(
  target: Target<K>,
  context: RegistryContext,
): Promise<Registry> {
  const kind = target.kind as K;
  const create = KINDS[kind] as Create<K> | undefined;
  if (create !== undefined) return await create(target, context);
  throw new Error(`Cannot use ${target.text}: registries of this kind are not supported yet`);
}

/** What is asked of a registry: what its URL says, then what the environment does. */
export function wishOf(
  { kind, wish }: RegistryTarget,
  { GITHUB_ARTIFACT }: Readonly<Record<string, string>>,
): ReleaseWish {
  if (kind !== "github" || wish.artifact !== null || !GITHUB_ARTIFACT) return wish;
  return { ...wish, artifact: GITHUB_ARTIFACT };
}

import type { Registry } from "../source/registry.ts";
import { ArtifactTurns } from "./artifact_turns.ts";
import { sha256Of } from "./manifest.ts";
import { SharedArtifacts } from "./shared_artifacts.ts";
import { SharedReleases, type SharedReleasesOptions } from "./shared_releases.ts";

/** What is shared, and for how long. */
export interface SharedRegistryOptions
  extends Omit<SharedReleasesOptions, "registry" | "key" | "ttlMs"> {
  /** Nobody else sees what is in it. */
  readonly isPrivate: boolean;
  /** Everything that makes it this registry and no other; may be secret. */
  readonly identity: readonly string[];
  /** 0: the registry is asked every time. */
  readonly ttlMs: number;
}

/** A registry whose answers and, if the store takes them, artifacts are shared by way of it. */
export async function sharedRegistry(
  registry: Registry,
  options: SharedRegistryOptions,
): Promise<Registry> {
  const { store, log, ttlMs } = options;
  const text = JSON.stringify(options.identity);
  const id = (await sha256Of(new TextEncoder().encode(text))).slice(0, 16);
  const key = `registry-cache/${id}.json`;
  const asked = ttlMs === 0 ? registry : new SharedReleases({ ...options, registry, key });
  const { pieceBytes } = store;
  if (pieceBytes === null) return asked;
  return new SharedArtifacts({
    registry: asked,
    store,
    pieceBytes,
    prefix: `artifacts/${id}`,
    // A turn of a host that was killed would only keep itself waiting.
    turns: options.isPrivate ? null : new ArtifactTurns(options),
    log,
  });
}

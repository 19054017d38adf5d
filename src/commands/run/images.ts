import type { ContainerOptions } from "../../config/config.ts";
import type { Engine } from "../../container/engine/engine.ts";
import { formatReference, type ImageReference } from "../../image/image_reference.ts";
import type { Updater } from "../../roll/updater.ts";
import type { ContainerRuntime } from "../../runtime/container/container_runtime.ts";
import type { ImageSignatures } from "../../runtime/container/image_signatures.ts";
import { ImageStore, type ImageStoreOptions } from "../../runtime/container/image_store.ts";
import type { ImageShelf } from "../../runtime/container/known_images.ts";
import type { Owner } from "../../runtime/container/labels.ts";
import { ImageSource } from "../../source/image_source.ts";
import { createOci } from "../../source/oci/create_oci.ts";
import { findLogin } from "../../source/oci/find_login.ts";
import { imagePlace } from "../../source/oci/image_place.ts";
import type { EventHub } from "./event_hub.ts";
import type { RegistryParts } from "./registry_parts.ts";

/** Versions whose images are needed. */
export interface WantedImages {
  readonly inUse: Iterable<string>;
  /** The newest first. */
  readonly good: readonly string[];
}

/** What an updater may have to start again. */
export function wantedImages(
  updater: Pick<Updater, "stage" | "runningId" | "rollingTo" | "proven">,
): WantedImages {
  return {
    inUse: [
      ...[...updater.stage.list().keys()].map(({ id }) => id),
      // What is on its way, too: it may wait between its pull and its start.
      ...[updater.runningId, updater.rollingTo].filter((id) => id !== null),
    ],
    good: updater.proven.newestFirst,
  };
}

/**
 * From now on containers hear what happens, and everybody hears what happens to them; images nobody
 * needs go when a roll has ended.
 */
export function followRolls(
  hub: Pick<EventHub, "addObserver" | "observe">,
  runtime: Pick<ContainerRuntime, "observe" | "onEvent">,
  store: Pick<ImageStore, "prune">,
): void {
  runtime.onEvent = hub.observe;
  hub.addObserver((event) => {
    runtime.observe(event);
    if (event.type === "roll.succeeded" || event.type === "roll.failed") void store.prune();
  });
}

/** What an engine says of images. */
export function shelfOf(engine: Engine): ImageShelf {
  return {
    exposedPorts: async (reference, signal) =>
      (await engine.images.find(reference, signal))?.config.exposedPorts ?? null,
  };
}

/** Names the newest image: by its tag, or, with `releases`, by the newest of all tags. */
export function imageSource(
  engine: Engine,
  { image, pullPolicy }: Pick<ContainerOptions, "image" | "pullPolicy">,
  env: Readonly<Record<string, string>>,
  releases: RegistryParts | null,
): ImageSource {
  const registry = createOci(image, env, Date.now);
  const localId = async (tag: string, signal: AbortSignal) => {
    const name = formatReference({ ...image, tag, digest: null });
    return (await engine.images.find(name, signal))?.id ?? null;
  };
  return new ImageSource({
    image,
    tags: releases?.source() ?? null,
    digestOf: async (tag, signal) => (await registry.pinned(tag, signal)).split("@")[1] ?? "",
    ...(pullPolicy === "never" && { localId }),
  });
}

/** Whose images they are, and by whose leave they are pulled. */
export interface ImageRights {
  readonly image: ImageReference;
  readonly owner: Owner;
  /** Null: nobody has to sign them. */
  readonly signatures: ImageSignatures | null;
  /** Says where logins are. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where the images of versions are kept on this host. */
export function imageStore(
  { image, owner: { app, tokenPrefix }, signatures, env }: ImageRights,
  options: Omit<ImageStoreOptions, "app" | "login" | "verify">,
): ImageStore {
  const { images } = options;
  return new ImageStore({
    ...options,
    // Two applications of the same name must not clear away each other's images.
    app: `${app}-${tokenPrefix.slice(0, 8)}`,
    login: (signal) => findLogin(imagePlace(image).login, env, signal),
    ...(signatures !== null && {
      verify: (id, signal) => signatures.verify(id, images.reference(id), signal),
    }),
  });
}

import {
  formatReference,
  formatRepository,
  type ImageReference,
} from "../../image/image_reference.ts";
import type { Login } from "../../source/oci/login.ts";
import { EngineError } from "./engine_error.ts";
import { jsonLines } from "./json_lines.ts";
import { type PullProgress, PullTally } from "./pull_tally.ts";
import { lateRefusal, registryRefusal } from "./refusal.ts";
import { registryAuth } from "./registry_auth.ts";
import type { Transport } from "./transport.ts";

/** How an image is brought here. */
export interface PullOptions {
  /** As `findLogin()` finds it for `loginHost(host)`; null: nobody in particular. */
  readonly login: Login | null;
  /** For example `linux/arm64`. @default {that of the engine} */
  readonly platform?: string;
  /** Hears how far it is. */
  readonly onProgress?: (progress: PullProgress) => void;
}

/** As {@linkcode Images.pull}. */
export async function pullImage(
  transport: Transport,
  reference: ImageReference,
  { login, platform, onProgress }: PullOptions,
  signal: AbortSignal,
): Promise<void> {
  const what = `pull image ${formatReference(reference)}`;
  const stream = transport.stream({
    what,
    method: "POST",
    path: "/images/create",
    query: {
      fromImage: formatRepository(reference),
      // Without one, the engine would bring all tags of the repository.
      tag: reference.digest ?? reference.tag ?? "latest",
      platform,
    },
    headers: login === null ? {} : { "x-registry-auth": registryAuth(login, reference.host) },
    signal,
    timeoutMs: null,
  });
  const tally = new PullTally();
  try {
    for await (const line of jsonLines(stream)) {
      const error = line.object("errorDetail").text("message") || line.text("error");
      // The answer began with 200, long before.
      if (error !== "") throw lateRefusal(what, error);
      if (tally.hear(line)) onProgress?.(tally.progress());
    }
  } catch (error) {
    throw error instanceof EngineError ? registryRefusal(what, error) : error;
  }
}

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG = "application/vnd.docker.container.image.v1+json";
const LAYER = "application/vnd.docker.image.rootfs.diff.tar";

/** Something in a registry, by what it holds. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** What an image says of itself, in the words of Docker. */
export interface ImageConfig {
  readonly Cmd: readonly string[];
  /** `NAME=value`. */
  readonly Env: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  /** Times in nanoseconds. */
  readonly Healthcheck?: {
    readonly Test: readonly string[];
    readonly Interval: number;
    readonly Retries: number;
  };
  readonly Labels?: Readonly<Record<string, string>>;
}

/** Writes images into a repository of a registry on loopback, without an engine. */
export class ImageUpload {
  readonly #base: string;

  /** @param repository For example `127.0.0.1:5000/team/app`. */
  constructor(repository: string) {
    const at = repository.indexOf("/");
    this.#base = `http://${repository.slice(0, at)}/v2${repository.slice(at)}/`;
  }

  /** Uploads bytes. */
  async blob(bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
    const digest = `sha256:${await sha256(bytes)}`;
    const started = await this.#ask("blobs/uploads/", { method: "POST" });
    const place = new URL(started.headers.get("location") ?? "", this.#base);
    place.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    await this.#ask(place.href, { method: "PUT", body: bytes, headers });
    return { digest, size: bytes.length };
  }

  /** Makes an image of one layer, an uncompressed tar. @returns Its digest. */
  async image(layer: Blob, config: ImageConfig, tags: readonly string[]): Promise<string> {
    const rootfs = { type: "layers", diff_ids: [layer.digest] };
    const about = encode({ architecture: machine(), os: "linux", config, rootfs });
    const manifest = encode({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, ...await this.blob(about) },
      layers: [{ mediaType: LAYER, ...layer }],
    });
    for (const tag of tags) {
      const headers = { "content-type": MANIFEST };
      await this.#ask(`manifests/${tag}`, { method: "PUT", body: manifest, headers });
    }
    return `sha256:${await sha256(manifest)}`;
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(new URL(path, this.#base), init);
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot ${init.method} ${path}: ${response.status} ${text}`);
    return response;
  }
}

function machine(): string {
  return Deno.build.arch === "aarch64" ? "arm64" : "amd64";
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

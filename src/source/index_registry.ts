import { ask, askBytes, readJson, withoutQuery } from "./http.ts";
import {
  type Asset,
  type AssetBody,
  type Registry,
  RegistryError,
  type Release,
} from "./registry.ts";

/**
 * Releases that a JSON file on a web server lists:
 * `{"releases": [{"tag", "publishedAt", "assets": [{"name", "url", "size", "sha256"}]}]}`. URLs may
 * be relative to that of the file; everything but `tag`, `name` and `url` may be left out.
 */
export class IndexRegistry implements Registry {
  readonly #url: string;
  #known: { etag: string; releases: readonly Release[] } | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const headers = this.#known === null ? {} : { "if-none-match": this.#known.etag };
    const response = await ask({ url: this.#url, headers, allow: [304], signal });
    if (response.status === 304 && this.#known !== null) {
      await response.body?.cancel();
      return this.#known.releases;
    }
    const releases = this.#read(await readJson(response));
    const etag = response.headers.get("etag");
    this.#known = etag === null ? null : { etag, releases };
    return releases;
  }

  fetch(
    { ref }: Asset,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    return askBytes({ url: ref, offset, signal });
  }

  /** A file on a web server cannot be written to. */
  report(): Promise<void> {
    return Promise.resolve();
  }

  #read(index: unknown): readonly Release[] {
    const { releases } = record(index);
    if (!Array.isArray(releases)) throw this.#invalid("there is no list of releases in it");
    return releases.map((release, at) => this.#release(record(release), `releases[${at}]`));
  }

  #release({ tag, publishedAt, assets }: Record<string, unknown>, where: string): Release {
    if (typeof tag !== "string" || tag === "") throw this.#invalid(`${where} has no tag`);
    const at = typeof publishedAt === "string" ? Date.parse(publishedAt) : NaN;
    const list = Array.isArray(assets) ? assets : [];
    return {
      tag,
      publishedAt: Number.isNaN(at) ? null : at,
      assets: list.map((asset, i) => this.#asset(record(asset), `${where}.assets[${i}]`)),
    };
  }

  #asset({ name, url, size, sha256 }: Record<string, unknown>, where: string): Asset {
    if (typeof name !== "string" || typeof url !== "string" || !URL.canParse(url, this.#url)) {
      throw this.#invalid(`${where} has no name or no URL`);
    }
    return {
      name,
      size: typeof size === "number" ? size : null,
      ref: new URL(url, this.#url).href,
      sha256: typeof sha256 === "string" ? sha256.toLowerCase() : null,
    };
  }

  #invalid(why: string): RegistryError {
    return new RegistryError("invalid", `Cannot use ${withoutQuery(this.#url)}: ${why}`);
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

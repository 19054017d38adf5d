import { auditText } from "../audit_text.ts";
import { ask, askBytes, type HttpRequest, readJson, readText } from "../http.ts";
import {
  type Asset,
  type AssetBody,
  type AuditRecord,
  type Registry,
  RegistryError,
  type Release,
} from "../registry.ts";
import type { Credentials } from "./credentials.ts";
import { type GitHubRelease, readRelease } from "./github_release.ts";
import { ReleasePages } from "./release_pages.ts";
import { uploadUrlFor } from "./upload_url.ts";

const PER_PAGE = 100;

/** Where a repository is, and who asks. */
export interface GitHubOptions {
  readonly owner: string;
  readonly repo: string;
  /** Without a slash at its end, for example `https://api.github.com`. */
  readonly apiUrl: string;
  readonly credentials: Credentials;
  /** Milliseconds since 1970. */
  date(): number;
}

/**
 * Releases of a GitHub repository. Pages that have not changed are not sent again, and do not count
 * against the rate limit of whoever asks with a token.
 */
export class GitHubRegistry implements Registry {
  readonly #options: GitHubOptions;
  readonly #base: string;
  readonly #pages: ReleasePages;
  #releases: ReadonlyMap<string, GitHubRelease> = new Map();

  constructor(options: GitHubOptions) {
    this.#options = options;
    const { apiUrl, owner, repo } = options;
    this.#base = `${apiUrl}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
    this.#pages = new ReleasePages(
      `${this.#base}/releases?per_page=${PER_PAGE}`,
      (url, etag, signal) => this.#askPage(url, etag, signal),
      () => options.date(),
    );
  }

  async releases(signal: AbortSignal): Promise<readonly Release[]> {
    const releases = await this.#pages.read(signal);
    // A release that moved to the next page meanwhile is on both.
    this.#releases = new Map(
      releases.filter(({ isDraft }) => !isDraft).map((each) => [each.release.tag, each]),
    );
    return [...this.#releases.values()].map(({ release }) => release);
  }

  async fetch(
    { ref }: Asset,
    { offset, signal }: { offset: number; signal: AbortSignal },
  ): Promise<AssetBody> {
    const accept = "application/octet-stream";
    return await this.#as(
      ref,
      signal,
      (headers) => askBytes({ url: ref, headers: { ...headers, accept }, offset, signal }),
    );
  }

  async report(tag: string, record: AuditRecord, signal: AbortSignal): Promise<void> {
    const { uploadUrl } = this.#releases.get(tag) ?? await this.#find(tag, signal);
    const { fileName, text } = auditText(record);
    const url = uploadUrlFor(uploadUrl, this.#options.apiUrl);
    url.searchParams.set("name", fileName);
    const response = await this.#ask({
      url: url.href,
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: text,
      allow: [422],
      signal,
    }, "trusted");
    const words = await readText(response);
    // An upload whose answer was lost is there when it is tried again.
    if (response.ok || words.includes('"already_exists"')) return;
    throw new RegistryError("invalid", `Cannot add ${fileName} to ${tag}: GitHub does not take it`);
  }

  async #find(tag: string, signal: AbortSignal): Promise<GitHubRelease> {
    const url = `${this.#base}/releases/tags/${encodeURIComponent(tag)}`;
    return readRelease(await readJson(await this.#ask({ url, signal })));
  }

  #askPage(url: string, etag: string | null, signal: AbortSignal): Promise<Response> {
    const condition = etag === null ? {} : { "if-none-match": etag };
    const headers = { accept: "application/vnd.github+json", ...condition };
    return this.#ask({ url, headers, signal, allow: etag === null ? [] : [304] });
  }

  #ask(request: HttpRequest, server: "unknown" | "trusted" = "unknown"): Promise<Response> {
    return this.#as(
      server === "trusted" ? this.#base : request.url,
      request.signal,
      (headers) => ask({ ...request, headers: { ...headers, ...request.headers } }),
    );
  }

  /** Works with the headers that say who asks; only the API's own server gets to know that. */
  async #as<T>(
    url: string,
    signal: AbortSignal,
    work: (headers: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    const { credentials, apiUrl } = this.#options;
    const isOurs = new URL(url).origin === new URL(apiUrl).origin;
    const authorization = isOurs ? await credentials.authorization(signal) : null;
    const who: Record<string, string> = authorization === null ? {} : { authorization };
    try {
      return await work({
        "user-agent": "liveroll",
        "x-github-api-version": "2022-11-28",
        ...who,
      });
    } catch (error) {
      if (error instanceof RegistryError && error.kind === "unauthorized") credentials.refused();
      throw error;
    }
  }
}

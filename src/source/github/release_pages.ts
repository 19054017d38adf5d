import { readJson, withoutQuery } from "../http.ts";
import { RegistryError } from "../registry.ts";
import { type GitHubRelease, readRelease } from "./github_release.ts";
import { nextPage } from "./next_page.ts";

/** More than anybody looks through: 100 releases are on a page. */
const MAX_PAGES = 20;

/** What is not on the first page is looked at again after so long, although that has not changed. */
const LOOK_AGAIN_MS = 10 * 60_000;

/** Asks for a page, unless it still is what the ETag says. */
export type AskPage = (url: string, etag: string | null, signal: AbortSignal) => Promise<Response>;

/** One page of the list, as it was last. */
interface Page {
  readonly url: string;
  readonly etag: string | null;
  readonly releases: readonly GitHubRelease[];
  readonly next: string | null;
}

/**
 * The list of releases, page by page. As long as nothing changes, only the first page is asked for;
 * when it does, every page is, each on its own condition: one that is answered from memory is what
 * the server would have sent at that moment. As releases move from page to page meanwhile, a list
 * counts as settled only after a round in which all of it was as before.
 */
export class ReleasePages {
  readonly #firstUrl: string;
  readonly #ask: AskPage;
  readonly #date: () => number;
  #pages: readonly Page[] = [];
  #settledAt: number | null = null;

  /** @param date Milliseconds since 1970. */
  constructor(firstUrl: string, ask: AskPage, date: () => number) {
    this.#firstUrl = firstUrl;
    this.#ask = ask;
    this.#date = date;
  }

  /** @throws {RegistryError} Then, what was known stays as it was. */
  async read(signal: AbortSignal): Promise<readonly GitHubRelease[]> {
    const first = await this.#page(this.#firstUrl, signal);
    if (!this.#isKnown(first) || !this.#isSettled()) await this.#readOthers(first, signal);
    return this.#pages.flatMap(({ releases }) => releases);
  }

  async #readOthers(first: Page, signal: AbortSignal): Promise<void> {
    const pages = [first];
    for (let url = first.next; url !== null && pages.length < MAX_PAGES;) {
      this.#check(url, pages);
      const page: Page = await this.#page(url, signal);
      pages.push(page);
      url = page.next;
    }
    const isSame = pages.length === this.#pages.length &&
      pages.every((page) => this.#isKnown(page));
    this.#settledAt = isSame ? this.#date() : null;
    this.#pages = pages;
  }

  async #page(url: string, signal: AbortSignal): Promise<Page> {
    const known = this.#pages.find((page) => page.url === url);
    const response = await this.#ask(url, known?.etag ?? null, signal);
    const link = response.headers.get("link");
    if (response.status === 304 && known !== undefined) {
      await response.body?.cancel();
      // Another page may follow a full one that has not changed.
      const next = nextPage(link, url);
      return link === null || next === known.next ? known : { ...known, next };
    }
    const list = await readJson(response);
    if (!Array.isArray(list)) {
      throw new RegistryError("invalid", `Cannot use ${withoutQuery(url)}: it is no list`);
    }
    const etag = response.headers.get("etag");
    return { url, etag, releases: list.map(readRelease), next: nextPage(link, url) };
  }

  /** Who asks is named to nobody but the server that was asked for the first page. */
  #check(url: string, pages: readonly Page[]): void {
    const isSameServer = new URL(url).origin === new URL(this.#firstUrl).origin;
    if (isSameServer && !pages.some((page) => page.url === url)) return;
    const why = isSameServer ? "its pages run in circles" : "its next page is on another server";
    throw new RegistryError("invalid", `Cannot use ${withoutQuery(this.#firstUrl)}: ${why}`);
  }

  #isKnown(page: Page): boolean {
    return this.#pages.includes(page);
  }

  #isSettled(): boolean {
    if (this.#pages.length === 1) return true;
    return this.#settledAt !== null && Math.abs(this.#date() - this.#settledAt) < LOOK_AGAIN_MS;
  }
}

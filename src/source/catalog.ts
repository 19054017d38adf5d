import type { RuleTexts } from "./choice/rules.ts";
import type { Platform } from "./choice/platform.ts";
import { chooseRelease } from "./choice/choose_release.ts";
import type { Choice, Chosen } from "./choice/choice.ts";
import type { Asset, Registry, Release } from "./registry.ts";

/** How releases are chosen. */
export interface CatalogOptions extends RuleTexts {
  readonly preRelease: boolean;
  readonly slot: string | null;
  readonly platform: Platform;
  readonly allowDowngrade: boolean;
  /** What a release lacks that its file needs, in words; null: nothing. Left out: nothing ever. */
  readonly lackOf?: (release: Release, asset: Asset) => string | null;
  /** Milliseconds since 1970. */
  date(): number;
}

/** The releases of a registry, judged by one set of rules. */
export class Catalog {
  readonly #registry: Registry;
  readonly #options: CatalogOptions;
  #releases: readonly Release[] = [];

  constructor(registry: Registry, options: CatalogOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  /**
   * Asks the registry, and chooses what should run.
   *
   * @param current Tag of what runs; null: nothing does.
   * @throws {RegistryError}
   */
  async newest(current: string | null, signal: AbortSignal): Promise<Choice> {
    this.#releases = await this.#registry.releases(signal);
    return this.#choose(this.#releases, current, this.#options.allowDowngrade);
  }

  /**
   * The release with exactly this tag and its file for this machine; null: there is none. Ranges,
   * slots, age and what the file lacks do not count for one that was named.
   *
   * @throws {RegistryError}
   */
  async find(tag: string, signal: AbortSignal): Promise<Chosen | null> {
    const known = this.#find(tag);
    if (known !== null) return known;
    this.#releases = await this.#registry.releases(signal);
    return this.#find(tag);
  }

  #find(tag: string): Chosen | null {
    const releases = this.#releases.filter((release) => release.tag === tag);
    const named = {
      ...this.#options,
      slot: null,
      constraint: null,
      preRelease: true,
      lackOf: () => null,
    };
    const choice = chooseRelease(releases, {
      ...named,
      now: this.#options.date(),
      current: null,
      allowDowngrade: true,
    });
    return choice.outcome === "chosen" ? choice : null;
  }

  #choose(releases: readonly Release[], current: string | null, allowDowngrade: boolean): Choice {
    const { lackOf = () => null, date, ...options } = this.#options;
    return chooseRelease(releases, {
      ...options,
      now: date(),
      current,
      allowDowngrade,
      // What runs has been fetched and checked already.
      lackOf: (release, asset) => release.tag === current ? null : lackOf(release, asset),
    });
  }
}

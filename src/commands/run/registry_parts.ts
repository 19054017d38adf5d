import { isPrivate, openStore as openCache } from "../../cache/open_store.ts";
import { sharedRegistry } from "../../cache/shared_registry.ts";
import type { Store } from "../../cache/store.ts";
import { Audit } from "../../artifact/audit.ts";
import { Fetcher, type FetcherOptions } from "../../artifact/fetcher.ts";
import { ReleaseStore } from "../../artifact/release_store.ts";
import { ReleaseRoot } from "../../artifact/release_root.ts";
import { Releases } from "../../artifact/releases.ts";
import { sweepDownloads } from "../../artifact/sweep.ts";
import type { Config } from "../../config/config.ts";
import { systemClock } from "../../platform/clock.ts";
import { getLog } from "../../platform/log.ts";
import type { Source } from "../../roll/effects.ts";
import type { Updater } from "../../roll/updater.ts";
import { Catalog } from "../../source/catalog.ts";
import { createRegistry, wishOf } from "../../source/create_registry.ts";
import type { Registry } from "../../source/registry.ts";
import { ReleaseSource } from "../../source/release_source.ts";
import type { EventHub } from "./event_hub.ts";
import { openVerifier } from "./open_verifier.ts";

/** A download is told of when it has come so much further. */
const PROGRESS_STEP = 0.25;

/** A record that is not written by then is not written. */
const REPORT_AT_END_MS = 5_000;

/** With these, the same URL leads elsewhere. */
const ENDPOINTS = [
  "GITHUB_API_URL",
  "GITHUB_ENDPOINT",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_S3",
  "STORAGE_EMULATOR_HOST",
];

/** Everything that stands behind `--registry`. */
export class RegistryParts {
  /** The versions on this host; null: they have no files. */
  readonly releases: Releases | null;
  readonly #registry: Registry;
  readonly #catalog: Catalog;
  readonly #root: ReleaseRoot | null;
  readonly #cache: Store | null;
  /** Versions that somebody still runs, or may go back to. */
  #inUse: () => Iterable<string> = () => [];
  #audit: Audit | null = null;

  /**
   * Opens the releases on this host and the registry that they come from; the registry is not asked
   * yet.
   *
   * @returns Null: versions come from commands.
   * @throws {Error} When something that was named cannot be used; the message names it.
   */
  static async open(
    config: Config,
    env: Readonly<Record<string, string>>,
  ): Promise<RegistryParts | null> {
    const { registry: target, releases: options, stateDir } = config;
    if (target === null) return null;
    const directory = `${stateDir}/downloads`;
    await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
    const cache = await cacheOf(config, directory, env);
    const upstream = await createRegistry(target, { env, date: Date.now });
    const registry = await shared(upstream, cache, config, env);
    const verifier = await openVerifier(options, env);
    const catalog = new Catalog(registry, {
      ...wishOf(target, env),
      calver: options.calver,
      slot: options.slot,
      platform: { os: Deno.build.os, arch: Deno.build.arch },
      allowDowngrade: options.allowDowngrade,
      lackOf: (release, asset) => verifier.lackOf(release, asset),
      date: Date.now,
    });
    let parts: RegistryParts | null = null;
    const inUse = () => parts?.inUse ?? [];
    const root = registry.hasFiles === false ? null : await openRoot(config);
    try {
      const releases = root === null
        ? null
        : await openReleases({ config, root, directory, registry, catalog, verifier, inUse });
      return parts = new RegistryParts({ registry, catalog, releases, root, cache });
    } catch (error) {
      root?.[Symbol.dispose]();
      throw error;
    }
  }

  private constructor({ registry, catalog, releases, root, cache }: {
    registry: Registry;
    catalog: Catalog;
    releases: Releases | null;
    root: ReleaseRoot | null;
    cache: Store | null;
  }) {
    this.#registry = registry;
    this.#catalog = catalog;
    this.#root = root;
    this.#cache = cache;
    this.releases = releases;
  }

  /** Versions that somebody still runs, or may go back to. */
  get inUse(): Iterable<string> {
    return this.#inUse();
  }

  /** Names the newest release. */
  source(): Source {
    const now = () => performance.now();
    return new ReleaseSource({ catalog: this.#catalog, now, log: getLog("releases") });
  }

  /** From now on `current` and the records beside releases follow what happens. */
  follow(
    hub: EventHub,
    { subject, releases: { audit: isAudited, reportFailures } }: Config,
    updater: Updater,
  ): void {
    this.#inUse = () => [
      // Who has ended reads no files any more, even if it is still on its way out.
      ...[...updater.stage.list().keys()].filter(({ exit }) => exit === null).map(({ id }) => id),
      ...[updater.runningId, updater.proven.before([updater.runningId])].filter((id) =>
        id !== null
      ),
    ];
    hub.addObserver((event) => this.releases?.observe(event));
    if (!isAudited) return;
    const audit = this.#audit = new Audit({
      registry: this.#registry,
      host: Deno.hostname(),
      command: subject === "assets" ? "assets" : "server",
      reportFailures,
      date: Date.now,
      log: getLog("releases"),
    });
    hub.addObserver((event) => audit.observe(event));
  }

  /** Waits for what is still to be done, for a while. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#audit?.close(REPORT_AT_END_MS), this.releases?.close()]);
    await this.#cache?.close();
    this.#root?.[Symbol.dispose]();
  }
}

/** Null: there is none, or nothing would be gained. */
async function cacheOf(
  { registry, releases, stateDir }: Config,
  downloads: string,
  env: Readonly<Record<string, string>>,
): Promise<Store | null> {
  // What is on this machine is cached already.
  if (releases.cache === null || registry?.kind === "directory") return null;
  const directory = `${stateDir}/cache`;
  const context = { directory, downloads, env, clock: systemClock, date: Date.now };
  return await openCache(releases.cache, context);
}

async function shared(
  registry: Registry,
  store: Store | null,
  { registry: target, releases: { cache, registryTtlMs: ttlMs, maxStaleMs } }: Config,
  env: Readonly<Record<string, string>>,
): Promise<Registry> {
  if (store === null || cache === null || target === null) return registry;
  const endpoints = ENDPOINTS.map((name) => env[name] ?? "");
  // Such a server answers each machine as it needs.
  const platform = target.kind === "grpc" ? [Deno.build.os, Deno.build.arch] : [];
  return await sharedRegistry(registry, {
    store,
    isPrivate: isPrivate(cache),
    identity: [target.text, ...endpoints, ...platform],
    ttlMs,
    maxStaleMs,
    holder: `${Deno.hostname()}:${Deno.pid}`,
    clock: systemClock,
    date: Date.now,
    log: getLog("cache"),
  });
}

async function openReleases(
  { config, root, directory, registry, catalog, verifier, inUse }: {
    config: Config;
    root: ReleaseRoot;
    /** Where downloads lie. */
    directory: string;
    registry: Registry;
    catalog: Catalog;
    verifier: FetcherOptions["verifier"];
    inUse: () => Iterable<string>;
  },
): Promise<Releases> {
  const { releases: options } = config;
  await sweepDownloads(directory);
  const fetcher = new Fetcher({
    ...options,
    registry,
    directory,
    verifier,
    clock: systemClock,
    onProgress: progress(),
  });
  const store = await ReleaseStore.open(root.path, { keep: options.keepReleases });
  return await Releases.open({
    ...options,
    store,
    catalog,
    fetcher,
    inUse,
    log: getLog("releases"),
  });
}

async function openRoot({ releases: { root } }: Config): Promise<ReleaseRoot> {
  try {
    return await ReleaseRoot.open(root);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot use --release-root ${root}: ${why}`, { cause });
  }
}

/** Tells how far a download is, in a few lines. */
function progress(): (name: string, bytes: number, total: number | null) => void {
  const log = getLog("releases");
  let told = 0;
  let last = "";
  return (name, bytes, total) => {
    if (total === null || total === 0) return;
    if (name !== last) told = 0;
    last = name;
    const share = bytes / total;
    if (share < told + PROGRESS_STEP) return;
    told = share;
    log.info(`${name}: ${Math.floor(share * 100)} % of ${total} bytes`);
  };
}

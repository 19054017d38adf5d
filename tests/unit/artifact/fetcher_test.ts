import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Fetcher, type FetcherOptions } from "../../../src/artifact/fetcher.ts";
import { readMinisignKey } from "../../../src/artifact/minisign_key.ts";
import { Verifier, type VerifierOptions } from "../../../src/artifact/verifier.ts";
import { type Clock, systemClock } from "../../../src/platform/clock.ts";
import { ArtifactError } from "../../../src/roll/effects.ts";
import type { Chosen } from "../../../src/source/choice/choice.ts";
import { type Asset, type Registry, RegistryError } from "../../../src/source/registry.ts";
import { FakeRegistry, releaseOf } from "../cache/fake_registry.ts";
import { TempDirectory } from "./temp_directory.ts";

const never = new AbortController().signal;
const NAME = "app.tar.gz";
const CONTENT = "release bytes\n";
const DIGEST = "fee19ee9931cf7f5f2b8321a7cfd6195ef12910d804847cc1c689ce3831922ef";

// As in minisign_test.ts.
const KEY = "RWQ+NkMuY7YuV99X7NycsO53SkenHGYZKdODPdZ1cY2Lcdz31Wvo2ovV";
const SIGNATURE = `untrusted comment: signature from minisign secret key
RUQ+NkMuY7YuVxs9cxjATRiPElqWLG6KAH3kP+z9GnMejKDUcN9FW2Igl2Mx8sTqcqfOn3D4sygZlWE5Do/P5zdKc40lupIN+gA=
trusted comment: timestamp:1 file:app.tar.gz
00UrUnOo+VgVzWv0GFxhGY80tX3Aoe5YxEbks/42yxSIukFkH2gdW5qNuEk4TYTq4lv5I1Gzrh9idI3Qb7PUBQ==
`;

/** One release with files by name, and what was asked for. */
class OneRelease implements Pick<Registry, "fetch"> {
  readonly files: Record<string, string>;
  readonly asked: string[] = [];
  failure: Error | null = null;
  /** How the next answers go: a part only, or a refusal. */
  readonly troubles: (number | Error)[] = [];
  readonly offsets: number[] = [];

  constructor(files: Record<string, string> = {}) {
    this.files = { [NAME]: CONTENT, ...files };
  }

  chosen(tag = "v1.0.0"): Chosen {
    const assets = Object.keys(this.files).map((name): Asset => (
      { name, size: null, ref: name, sha256: null }
    ));
    return { release: { tag, publishedAt: null, assets }, asset: assets[0] } as unknown as Chosen;
  }

  fetch({ ref }: Asset, { offset }: { offset: number }) {
    this.asked.push(ref);
    this.offsets.push(offset);
    if (this.failure !== null) return Promise.reject(this.failure);
    const trouble = this.troubles.shift();
    if (trouble instanceof Error) return Promise.reject(trouble);
    const bytes = new TextEncoder().encode(this.files[ref]);
    const body = ReadableStream.from([bytes.slice(offset, trouble)]);
    return Promise.resolve({ body, offset, totalBytes: bytes.length, etag: '"1"' });
  }
}

type Options = Partial<FetcherOptions & VerifierOptions>;

async function withFetcher(
  registry: OneRelease,
  test: (fetcher: Fetcher, directory: TempDirectory) => Promise<void>,
  options: Options = {},
): Promise<void> {
  using directory = new TempDirectory();
  const fetcher = new Fetcher({
    registry: registry as unknown as Registry,
    directory: `${directory.path}/downloads`,
    verifier: new Verifier({ verifyChecksum: "auto", minisignKey: null, cosign: null, ...options }),
    maxArtifactBytes: 1024,
    clock: systemClock,
    onProgress: () => {},
    ...options,
  });
  await test(fetcher, directory);
}

/** Pauses are over at once; of the deadlines only the one of `endsMs` ever comes. */
function pausesOnly(endsMs: number | null = null): Clock {
  const ended = (ms: number) => ms < 30_000 || ms === endsMs;
  return {
    now: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (ended(ms)) return void setTimeout(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
}

/** @returns Whether the version is to blame, and why. */
async function failure(fetcher: Fetcher, chosen: Chosen): Promise<[boolean, string]> {
  const error = await assertRejects(() => fetcher.fetch(chosen, never), ArtifactError);
  return [error.isFault, error.message];
}

Deno.test("an artifact is brought here, with its digest, and its progress is told by name", async () => {
  const registry = new OneRelease();
  const told: unknown[] = [];
  const onProgress = (...progress: unknown[]) => void told.push(progress);
  await withFetcher(registry, async (fetcher, directory) => {
    const { path, sha256 } = await fetcher.fetch(registry.chosen(), never);
    assertEquals(path, `${directory.path}/downloads/v1.0.0--${NAME}`);
    assertEquals([await Deno.readTextFile(path), sha256], [CONTENT, DIGEST]);
    assertEquals(Deno.statSync(`${directory.path}/downloads`).mode! & 0o777, 0o700);
  }, { onProgress });
  assertEquals(told.at(-1), [NAME, CONTENT.length, CONTENT.length]);
  assertEquals(registry.asked, [NAME]);
});

const ENDED = new RegistryError("unauthorized", "it answered 401");

Deno.test("a token that ends in the middle is renewed once, and the download goes on", async () => {
  for (const ended of [ENDED, new RegistryError("invalid", "it answered 400 (ExpiredToken)")]) {
    const registry = new OneRelease();
    registry.troubles.push(5, ended);
    await withFetcher(registry, async (fetcher) => {
      const { sha256 } = await fetcher.fetch(registry.chosen(), never);
      assertEquals([sha256, registry.offsets], [DIGEST, [0, 5, 5]]);
    }, { clock: pausesOnly() });
  }
});

Deno.test("who is not let in any more goes on later where it was", async () => {
  const registry = new OneRelease();
  registry.troubles.push(5, ENDED, ENDED);
  await withFetcher(registry, async (fetcher) => {
    assertEquals(await failure(fetcher, registry.chosen()), [false, "it answered 401"]);
    await fetcher.fetch(registry.chosen(), never);
    assertEquals(registry.offsets, [0, 5, 5, 5]);
  }, { clock: pausesOnly() });
});

Deno.test("whatever is in a tag, the file stays in its directory", async () => {
  const registry = new OneRelease();
  await withFetcher(registry, async (fetcher, directory) => {
    for (const tag of ["../../v1", "app/v1", `v${"1".repeat(500)}`]) {
      const { path } = await fetcher.fetch(registry.chosen(tag), never);
      assertMatch(path.slice(directory.path.length), /^\/downloads\/[^/]{1,200}$/, tag);
    }
  });
});

const NONE = "0".repeat(64);

const CHECKED: readonly [string, Record<string, string>, Options, RegExp | null][] = [
  ["a checksum that is right", { [`${NAME}.sha256`]: DIGEST }, {}, null],
  [
    "a checksum that is wrong",
    { [`${NAME}.sha256`]: NONE },
    {},
    /its SHA-256 is fee1.* says 0000/,
  ],
  [
    "no checksum, and one is required",
    {},
    { verifyChecksum: "required" },
    /checksum is required/,
  ],
  ["a wrong checksum that nobody asks for", { [`${NAME}.sha256`]: NONE }, {
    verifyChecksum: "off",
  }, null],
];

for (const [what, files, options, complaint] of CHECKED) {
  Deno.test(`an artifact with ${what} is ${complaint === null ? "taken" : "refused, and gone"}`, () => {
    const registry = new OneRelease(files);
    return withFetcher(registry, async (fetcher, directory) => {
      if (complaint === null) return void await fetcher.fetch(registry.chosen(), never);
      const [isFault, message] = await failure(fetcher, registry.chosen());
      assertEquals(isFault, true);
      assertMatch(message, complaint);
      assertEquals(directory.names("downloads"), []);
    }, options);
  });
}

const SIGNED: readonly [string, Record<string, string>, RegExp | null][] = [
  ["the signature of its key", { [`${NAME}.minisig`]: SIGNATURE }, null],
  ["a signature of something else", {
    [NAME]: "other bytes",
    [`${NAME}.minisig`]: SIGNATURE,
  }, /signature/],
  ["no signature", {}, /a minisign signature is required, and the release has none for it/],
];

for (const [what, files, complaint] of SIGNED) {
  Deno.test(`with --minisign-key, an artifact with ${what} is ${complaint ? "refused" : "taken"}`, async () => {
    const registry = new OneRelease(files);
    const minisignKey = await readMinisignKey(KEY);
    await withFetcher(registry, async (fetcher) => {
      if (complaint === null) return void await fetcher.fetch(registry.chosen(), never);
      const [isFault, message] = await failure(fetcher, registry.chosen());
      assertEquals(isFault, true);
      assertMatch(message, complaint);
    }, { minisignKey });
  });
}

Deno.test("a registry that refuses does not speak against the version, and is not asked again", () => {
  const registry = new OneRelease();
  registry.failure = new RegistryError("not_found", "Cannot find it: 404");
  return withFetcher(registry, async (fetcher) => {
    assertEquals(await failure(fetcher, registry.chosen()), [false, "Cannot find it: 404"]);
    assertEquals(registry.asked, [NAME]);
  });
});

Deno.test("a checksum that is too long is no checksum, and nothing is left for nobody", () => {
  const registry = new OneRelease({ [`${NAME}.sha256`]: "x".repeat(1024 ** 2 + 1) });
  return withFetcher(registry, async (fetcher, directory) => {
    const [isFault, message] = await failure(fetcher, registry.chosen());
    assertEquals([isFault, message], [false, `${NAME}.sha256 has more than 1048576 bytes`]);
    assertEquals(directory.names("downloads"), []);
  });
});

Deno.test("a checksum that does not come is asked for again, then given up; nothing hangs", () => {
  const registry = new OneRelease({ [`${NAME}.sha256`]: DIGEST });
  let cancelled = 0;
  const fetch = registry.fetch.bind(registry);
  registry.fetch = async (asset, options) => {
    const answer = await fetch(asset, options);
    if (asset.ref === NAME) return answer;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel: () => void cancelled++ });
    return { ...answer, body };
  };
  const clock = pausesOnly(60_000);
  return withFetcher(registry, async (fetcher, directory) => {
    const [isFault, message] = await failure(fetcher, registry.chosen());
    assertEquals([isFault, message], [false, `${NAME}.sha256 did not come within 60 s`]);
    assertEquals(registry.asked.length, 4);
    assertEquals([cancelled, directory.names("downloads")], [3, []]);
  }, { clock });
});

Deno.test("a checksum that comes at the second try is enough: the artifact is not fetched again", () => {
  const registry = new OneRelease({ [`${NAME}.sha256`]: DIGEST });
  const fetch = registry.fetch.bind(registry);
  let failures = 1;
  registry.fetch = async (asset, options) => {
    const answer = await fetch(asset, options);
    if (asset.ref !== NAME && failures-- > 0) throw new RegistryError("unreachable", "503");
    return answer;
  };
  return withFetcher(registry, async (fetcher) => {
    await fetcher.fetch(registry.chosen(), never);
    assertEquals(registry.asked, [NAME, `${NAME}.sha256`, `${NAME}.sha256`]);
  }, { clock: pausesOnly() });
});

Deno.test("what was begun for another version makes room", () => {
  const registry = new OneRelease();
  return withFetcher(registry, async (fetcher, directory) => {
    const other = `${directory.path}/downloads/v0.9.0--${NAME}`;
    Deno.mkdirSync(`${directory.path}/downloads`);
    for (const end of ["", ".part", ".part.json"]) Deno.writeTextFileSync(other + end, "");
    Deno.writeTextFileSync(`${directory.path}/downloads/README`, "");
    await fetcher.fetch(registry.chosen(), never);
    assertEquals(directory.names("downloads"), ["README", `v1.0.0--${NAME}`]);
  });
});

Deno.test("an artifact beyond --max-artifact is refused", () => {
  const registry = new OneRelease({ [NAME]: "x".repeat(1025) });
  return withFetcher(registry, async (fetcher) => {
    const [isFault, message] = await failure(fetcher, registry.chosen());
    assertEquals(isFault, true);
    assertMatch(message, /1024|1 KiB/);
  });
});

Deno.test("who is called off throws the reason, not a failure of the artifact", () => {
  const registry = new OneRelease();
  const stop = new AbortController();
  const reason = new Error("The end");
  registry.fetch = () => {
    stop.abort(reason);
    return Promise.reject(new Error("connection reset"));
  };
  return withFetcher(registry, async (fetcher) => {
    const error = await assertRejects(() => fetcher.fetch(registry.chosen(), stop.signal));
    assertEquals(error, reason);
  });
});

const VERSION = { tag: "v1.0.0", numbers: [1n], pre: [], build: null };
const CHOSEN = { outcome: "chosen", version: VERSION, slot: null } as const;

for (const failure of [null, new RegistryError("not_found", "Cannot find it")]) {
  const how = failure === null ? "it is there" : "it cannot be had";
  Deno.test(`an artifact is reserved from before it is fetched until ${how}`, async () => {
    using directory = new TempDirectory();
    const happened: string[] = [];
    const fake = new FakeRegistry();
    const registry: Registry = {
      releases: () => fake.releases(),
      report: () => fake.report(),
      fetch: (asset, options) => {
        happened.push("fetched");
        return failure === null ? fake.fetch(asset, options) : Promise.reject(failure);
      },
      reserve: () => {
        happened.push("reserved");
        return Promise.resolve({
          [Symbol.asyncDispose]: () => Promise.resolve(void happened.push("given back")),
        });
      },
    };
    const fetcher = new Fetcher({
      registry,
      directory: directory.path,
      verifier: { verify: () => Promise.resolve() },
      maxArtifactBytes: 100,
      clock: systemClock,
      onProgress: () => {},
    });
    const release = releaseOf("v1.0.0");
    const fetch = () => fetcher.fetch({ ...CHOSEN, release, asset: release.assets[0]! }, never);
    if (failure === null) await fetch();
    else await assertRejects(fetch, ArtifactError, "Cannot find it");
    assertEquals(happened, ["reserved", "fetched", "given back"]);
  });
}

import { assertEquals, assertRejects } from "@std/assert";
import { SourceError } from "../../../src/roll/effects.ts";
import { Catalog, type CatalogOptions } from "../../../src/source/catalog.ts";
import { type Registry, RegistryError, type Release } from "../../../src/source/registry.ts";
import { ReleaseSource } from "../../../src/source/release_source.ts";
import { recordingLog } from "../platform/recording_log.ts";

const never = new AbortController().signal;

/** A release that is complete for linux on amd64, unless it says otherwise. */
function release(tag: string, { publishedAt = 0, isComplete = true } = {}): Release {
  const name = isComplete ? "app_linux_amd64.tar.gz" : "notes.txt";
  return { tag, publishedAt, assets: [{ name, size: 1, ref: tag, sha256: null }] };
}

function setUp(
  releases: Release[],
  { allowDowngrade = false, ...demands }: Pick<CatalogOptions, "lackOf"> & {
    allowDowngrade?: boolean;
  } = {},
) {
  const listed = { releases, problem: null as Error | null, asked: 0 };
  const registry: Pick<Registry, "releases"> = {
    releases() {
      listed.asked++;
      return listed.problem ? Promise.reject(listed.problem) : Promise.resolve(listed.releases);
    },
  };
  const log = recordingLog();
  const time = { now: 1e9 };
  const catalog = new Catalog(registry as Registry, {
    preRelease: false,
    calver: null,
    constraint: null,
    artifact: null,
    slot: null,
    platform: { os: "linux", arch: "amd64" },
    allowDowngrade,
    ...demands,
    date: () => time.now,
  });
  const source = new ReleaseSource({ catalog, now: () => time.now, log });
  return { listed, log, time, catalog, source };
}

Deno.test("the newest release is named by its tag", async () => {
  const { source } = setUp([release("v1.0.0"), release("v1.10.0"), release("v1.9.0")]);
  assertEquals(await source.latest(never, null), "v1.10.0");
});

Deno.test("while the newest one is being published, what runs stays the newest", async () => {
  const newest = release("v2.0.0", { publishedAt: 1e9, isComplete: false });
  const { source } = setUp([release("v1.0.0"), newest]);
  assertEquals(await source.latest(never, "v1.0.0"), "v1.0.0");
});

Deno.test("a first release that is being published is waited for, and that is said", async () => {
  const { source } = setUp([release("v1.0.0", { publishedAt: 1e9, isComplete: false })]);
  const error = await assertRejects(() => source.latest(never, null), SourceError, "v1.0.0");
  assertEquals(error.step, "registry");
});

const UNSIGNED = ({ tag }: Release) => tag === "v1.0.0" ? null : "signature for app";

Deno.test("a release whose signature is still being uploaded is waited for, and that is said", async () => {
  const young = release("v2.0.0", { publishedAt: 1e9 });
  const { source } = setUp([young], { lackOf: UNSIGNED });
  const says = "v2.0.0 has no signature for app yet; waiting until";
  await assertRejects(() => source.latest(never, null), SourceError, says);
  const both = setUp([young, release("v1.0.0")], { lackOf: UNSIGNED });
  assertEquals(await both.source.latest(never, null), "v1.0.0");
  assertEquals(both.log.entries.map(({ level, message }) => [level, message]), [
    ["info", "v2.0.0 has no signature for app yet: it is being published"],
  ]);
});

Deno.test("a release whose signature never came is passed over, which is told once", async () => {
  const { source, log, time } = setUp([release("v2.0.0"), release("v1.0.0")], { lackOf: UNSIGNED });
  time.now += 1e9;
  for (let i = 0; i < 3; i++) assertEquals(await source.latest(never, "v1.0.0"), "v1.0.0");
  assertEquals(log.entries.map(({ message }) => message), [
    "v2.0.0 has no signature for app and is passed over",
  ]);
});

Deno.test("what runs need not show again what was not demanded when it came", async () => {
  const { source, log } = setUp([release("v2.0.0"), release("v1.0.0")], { lackOf: UNSIGNED });
  assertEquals([await source.latest(never, "v2.0.0"), log.entries], ["v2.0.0", []]);
});

Deno.test("a release that is named is found whatever it lacks: its fetch tells what that is", async () => {
  const { catalog } = setUp([release("v2.0.0")], { lackOf: UNSIGNED });
  assertEquals((await catalog.find("v2.0.0", never))?.release.tag, "v2.0.0");
});

Deno.test("a release that was withdrawn does not lead back, unless that is allowed; it is told once", async () => {
  const { source, log } = setUp([release("v1.0.0")]);
  for (let i = 0; i < 3; i++) assertEquals(await source.latest(never, "v1.1.0"), "v1.1.0");
  assertEquals(log.entries.length, 1);
  const { source: willing } = setUp([release("v1.0.0")], { allowDowngrade: true });
  assertEquals(await willing.latest(never, "v1.1.0"), "v1.0.0");
});

Deno.test("a registry that asks for rest is not asked before it is over", async () => {
  const { source, listed, time } = setUp([release("v1.0.0")]);
  listed.problem = new RegistryError("rate_limited", "too many", { retryAfterMs: 60_000 });
  await assertRejects(() => source.latest(never, null), SourceError, "too many");
  listed.problem = null;
  time.now += 59_000;
  await assertRejects(() => source.latest(never, null), SourceError, "1 s more");
  assertEquals(listed.asked, 1);
  time.now += 1_000;
  assertEquals(await source.latest(never, null), "v1.0.0");
});

Deno.test("an end is no failure of the registry", async () => {
  const { source, listed } = setUp([]);
  listed.problem = new RegistryError("unreachable", "cut");
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await assertRejects(() => source.latest(stop.signal, null), Error, "enough");
});

Deno.test("a release that is named is found whatever the rules say, and asked for only when it is new", async () => {
  const { catalog, listed } = setUp([release("v1.0.0"), release("v2.0.0-rc.1")]);
  assertEquals((await catalog.find("v2.0.0-rc.1", never))?.asset.ref, "v2.0.0-rc.1");
  assertEquals((await catalog.find("v1.0.0", never))?.release.tag, "v1.0.0");
  assertEquals([await catalog.find("v9.0.0", never), listed.asked], [null, 2]);
});

import { assertEquals, assertRejects } from "@std/assert";
import { ReleaseStore } from "../../../src/artifact/release_store.ts";
import { Releases } from "../../../src/artifact/releases.ts";
import { ArtifactError } from "../../../src/roll/effects.ts";
import type { RollEvent } from "../../../src/roll/events.ts";
import type { Chosen } from "../../../src/source/choice/choice.ts";
import { recordingLog } from "../platform/recording_log.ts";

const never = new AbortController().signal;

/** Packs one file into an archive. */
async function pack(dir: string, content: string): Promise<string> {
  await Deno.writeTextFile(`${dir}/app`, content);
  const archive = `${dir}/app.tar.gz`;
  await new Deno.Command("tar", { args: ["-czf", archive, "-C", dir, "app"] }).output();
  return archive;
}

async function withReleases(
  test: (t: {
    open: () => Promise<Releases>;
    root: string;
    fetched: string[];
    inUse: string[];
    /** What fetching does in place of bringing an archive. */
    trouble: { find: Error | null; archive: string | null; isUnknown: boolean; name: string };
  }) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "liveroll-releases-" });
  const fetched: string[] = [];
  const inUse: string[] = [];
  const trouble = {
    find: null as Error | null,
    archive: null as string | null,
    isUnknown: false,
    name: "app.tar.gz",
  };
  const open = async () =>
    await Releases.open({
      store: await ReleaseStore.open(root, { keep: 2 }),
      catalog: {
        find(tag: string) {
          if (trouble.find) return Promise.reject(trouble.find);
          const asset = { name: trouble.name, size: 1, ref: tag, sha256: null };
          return Promise.resolve(trouble.isUnknown ? null : { asset } as unknown as Chosen);
        },
      },
      fetcher: {
        async fetch({ asset }: Chosen) {
          fetched.push(asset.ref);
          const dir = await Deno.makeTempDir({ dir: root });
          const path = await pack(dir, asset.ref);
          if (trouble.archive !== null) await Deno.writeTextFile(path, trouble.archive);
          return { path, bytes: 1, sha256: asset.ref };
        },
      },
      maxUnpackedBytes: 1024 ** 2,
      inUse: () => inUse,
      log: recordingLog(),
    });
  try {
    await test({ open, root, fetched, inUse, trouble });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("a version whose files somebody removed is fetched anew", () =>
  withReleases(async ({ open, fetched }) => {
    const releases = await open();
    await releases.fetch("v1", never);
    await Deno.remove(releases.directoryOf("v1") ?? "", { recursive: true });
    assertEquals(releases.has("v1"), false);
    await releases.fetch("v1", never);
    assertEquals([releases.has("v1"), fetched], [true, ["v1", "v1"]]);
  }));

Deno.test("the link leads to a version before anybody else hears of the switch", () =>
  withReleases(async ({ open, root }) => {
    const releases = await open();
    await releases.fetch("v1", never);
    releases.observe(switched("v1"));
    assertEquals(Deno.readTextFileSync(`${root}/current/app`), "v1");
    await releases.idle();
  }));

Deno.test("what is no archive lies in the release as it is", () =>
  withReleases(async ({ open, trouble }) => {
    Object.assign(trouble, { name: "app_linux_amd64", archive: "the program" });
    const releases = await open();
    await releases.fetch("v1", never);
    assertEquals(await Deno.readTextFile(`${releases.directoryOf("v1")}/app`), "the program");
  }));

function switched(id: string): RollEvent {
  const instance = { key: "i1", id, port: 1, pid: 1 };
  return { type: "roll.switched", roll: 1, instance, from: null };
}

const good = (id: string): RollEvent => ({ type: "roll.succeeded", roll: 1, id, durationMs: 1 });

function failed(
  id: string,
  more: { retryInMs?: number | null; reason?: "fetch_failed" | "no_turn" } = {},
) {
  const { retryInMs = 1, reason = "exited" } = more;
  return {
    type: "roll.failed",
    roll: 1,
    id,
    reason,
    detail: "",
    lastLines: [],
    retryInMs,
  } as const;
}

Deno.test("a version is fetched once, unpacked, and still here in the next life", () =>
  withReleases(async ({ open, fetched }) => {
    const releases = await open();
    assertEquals([releases.has("v1"), releases.directoryOf("v1")], [false, null]);
    await releases.fetch("v1", never);
    assertEquals(releases.has("v1"), true);
    assertEquals(await Deno.readTextFile(`${releases.directoryOf("v1")}/app`), "v1");
    assertEquals([(await open()).has("v1"), fetched], [true, ["v1"]]);
  }));

Deno.test("current follows the switch, also back", () =>
  withReleases(async ({ open, root }) => {
    const releases = await open();
    for (const id of ["v1", "v2"]) await releases.fetch(id, never);
    for (const id of ["v1", "v2", "v1"]) {
      releases.observe(switched(id));
      await releases.idle();
      assertEquals(await Deno.readTextFile(`${root}/current/app`), id);
    }
  }));

Deno.test("good versions beyond the number that is kept go, those in use stay", () =>
  withReleases(async ({ open, inUse }) => {
    const releases = await open();
    inUse.push("v1");
    for (const id of ["v1", "v2", "v3"]) {
      await releases.fetch(id, never);
      releases.observe(switched(id));
      releases.observe(good(id));
    }
    await releases.idle();
    assertEquals(["v1", "v2", "v3"].map((id) => releases.has(id)), [true, false, true]);
    inUse.length = 0;
    const instance = { key: "i1", id: "v1", port: 1, pid: 1 };
    await releases.fetch("v4", never);
    releases.observe({ type: "instance.stopped", instance, outcome: "stopped", durationMs: 1 });
    await releases.idle();
    assertEquals(["v1", "v3", "v4"].map((id) => releases.has(id)), [false, true, true]);
  }));

Deno.test("a version that was refused is removed, and fetched anew if somebody wants it again", () =>
  withReleases(async ({ open, fetched }) => {
    const releases = await open();
    await releases.fetch("v1", never);
    releases.observe(failed("v1"));
    await releases.idle();
    assertEquals([releases.has("v1"), (await open()).has("v1")], [false, false]);
    await releases.fetch("v1", never);
    assertEquals([releases.has("v1"), fetched], [true, ["v1", "v1"]]);
  }));

for (
  const [what, event] of [
    ["the running version that fails once more", failed("v1", { retryInMs: null })],
    ["one that could not be fetched", failed("v1", { reason: "fetch_failed" })],
    ["one that other hosts hold up", failed("v1", { reason: "no_turn" })],
  ] as const
) {
  Deno.test(`${what} is not removed for it`, () =>
    withReleases(async ({ open }) => {
      const releases = await open();
      await releases.fetch("v1", never);
      releases.observe(event);
      await releases.idle();
      assertEquals(releases.has("v1"), true);
    }));
}

for (
  const [what, set, isFault] of [
    ["the registry is down", { find: new Error("down") }, false],
    ["the registry does not have it", { isUnknown: true }, false],
    ["it is no archive", { archive: "nonsense" }, true],
  ] as const
) {
  Deno.test(`${what}: that is ${isFault ? "" : "not "}the fault of the version, and nothing is left`, () =>
    withReleases(async ({ open, root, trouble }) => {
      const releases = await open();
      Object.assign(trouble, set);
      const error = await assertRejects(() => releases.fetch("v1", never), ArtifactError);
      assertEquals([error.isFault, releases.has("v1")], [isFault, false]);
      assertEquals([...Deno.readDirSync(`${root}/releases`)], []);
    }));
}

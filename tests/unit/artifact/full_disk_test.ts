import { assertEquals, assertRejects } from "@std/assert";
import { DiskError } from "../../../src/artifact/disk_error.ts";
import { download } from "../../../src/artifact/download.ts";
import { ReleaseStore } from "../../../src/artifact/release_store.ts";
import { Releases } from "../../../src/artifact/releases.ts";
import { ArtifactError } from "../../../src/roll/effects.ts";
import type { Chosen } from "../../../src/source/choice/choice.ts";
import { linux, needs, root } from "../../helpers/skip.ts";
import { mounts, SmallDisk } from "../../helpers/small_disk.ts";
import { recordingLog } from "../platform/recording_log.ts";
import { ManualClock } from "../proxy/manual_clock.ts";
import { FakeSource } from "./fake_source.ts";
import { TempDirectory } from "./temp_directory.ts";

const WHERE_ONE_MOUNTS = needs(linux(), root(), mounts());
const FULL = "the disk is full: free space there (df -h; df -i if there is space left)";
const never = new AbortController().signal;

/** Releases on a disk of their own, made of a file of `bytes()` bytes elsewhere. */
class Scene implements Disposable {
  readonly #directory = new TempDirectory();
  readonly root = `${this.#directory.path}/disk`;
  readonly disk = new SmallDisk(this.root);
  readonly clock = new ManualClock();
  readonly log = recordingLog();
  bytes = 10;

  async open(): Promise<Releases> {
    const asset = { name: "app", size: 1, ref: "", sha256: null };
    return await Releases.open({
      store: await ReleaseStore.open(this.root),
      catalog: { find: () => Promise.resolve({ asset } as unknown as Chosen) },
      fetcher: { fetch: () => this.#fetch() },
      maxUnpackedBytes: 1024 ** 3,
      inUse: () => [],
      log: this.log,
      clock: this.clock,
    });
  }

  get releases(): string[] {
    return this.#directory.names("disk/releases");
  }

  #fetch() {
    const path = `${this.#directory.path}/app`;
    Deno.writeFileSync(path, new Uint8Array(this.bytes));
    return Promise.resolve({ path, bytes: this.bytes, sha256: "00" });
  }

  [Symbol.dispose](): void {
    this.disk[Symbol.dispose]();
    this.#directory[Symbol.dispose]();
  }
}

function switched(id: string) {
  const instance = { key: "i1", id, port: 1, pid: 1 };
  return { type: "roll.switched", roll: 1, instance, from: null } as const;
}

Deno.test({
  name: "what the disk has no room for is named with the fix, and nothing of it stays",
  ...WHERE_ONE_MOUNTS,
  fn: async () => {
    using scene = new Scene();
    const releases = await scene.open();
    scene.bytes = 3_000_000;
    const fetching = () => releases.fetch("v1", never);
    const text = `Cannot unpack app into ${scene.root}/releases: ${FULL}`;
    assertEquals((await assertRejects(fetching, ArtifactError, text)).isFault, false);
    assertEquals([scene.releases, releases.has("v1")], [[], false]);
    scene.bytes = 10;
    scene.disk.fill();
    await assertRejects(fetching, ArtifactError, text);
    assertEquals(scene.releases, []);
    scene.disk.empty();
    await fetching();
    assertEquals(releases.has("v1"), true);
  },
});

Deno.test({
  name: "a download that fills the disk gives the room back, and says what helps",
  ...WHERE_ONE_MOUNTS,
  fn: async () => {
    using scene = new Scene();
    const content = new Uint8Array(3_000_000);
    const asset = { version: "v1", name: "app", size: content.length, sha256: null };
    const space = { marginBytes: 0, freeBytes: () => Promise.resolve(Number.MAX_SAFE_INTEGER) };
    const path = `${scene.root}/v1--app`;
    await assertRejects(
      () => download(new FakeSource(content), asset, path, { space }),
      DiskError,
      `Cannot write ${path}.part: ${FULL}`,
    );
    assertEquals([...Deno.readDirSync(scene.root)], []);
  },
});

Deno.test({
  name: "current follows as soon as the disk takes it, and the newest switch counts",
  ...WHERE_ONE_MOUNTS,
  fn: async () => {
    using scene = new Scene();
    const releases = await scene.open();
    for (const id of ["v1", "v2", "v3"]) await releases.fetch(id, never);
    releases.observe(switched("v1"));
    await releases.idle();
    scene.disk.setReadOnly(true);
    releases.observe(switched("v2"));
    releases.observe(switched("v3"));
    const fix = "the file system is read-only: see dmesg for why, then mount it read-write again";
    assertEquals(
      scene.log.messages(),
      ["v2", "v3"].map((id) => `Cannot let ${scene.root}/current lead to ${id}: ${fix}`),
    );
    await scene.clock.advance(1000);
    assertEquals(Deno.realPathSync(`${scene.root}/current`), releases.directoryOf("v1"));
    scene.disk.setReadOnly(false);
    await scene.clock.advance(2000);
    assertEquals(Deno.realPathSync(`${scene.root}/current`), releases.directoryOf("v3"));
    assertEquals(scene.log.messages().slice(2), [`${scene.root}/current leads to v3 now`]);
    await releases.close();
    assertEquals(scene.clock.sleeping, 0);
  },
});

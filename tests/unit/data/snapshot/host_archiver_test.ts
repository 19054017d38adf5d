import { assert, assertEquals, assertRejects } from "@std/assert";
import { succeed } from "../../../../scripts/lib/command.ts";
import { SnapshotError } from "../../../../src/data/snapshot/archiver.ts";
import { COMPRESSIONS, HostArchiver } from "../../../../src/data/snapshot/host_archiver.ts";
import type { SavedMount } from "../../../../src/data/snapshot/mounts.ts";
import { restoreSnapshot } from "../../../../src/data/snapshot/restore.ts";
import { Snapshots } from "../../../../src/data/snapshot/snapshots.ts";
import { linux, needs, program, root } from "../../../helpers/skip.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const NEEDS = needs(linux(), root(), program("tar", "zstd", "gzip", "du", "sync"));
const OPTIONS = { timeoutMs: 30_000 };
const ENV = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" };

const SUBJECT = {
  id: "s1",
  createdAt: "2026-11-21T10:15:00.000Z",
  version: "1",
  project: "blog",
  service: "web",
  method: "host",
  skipped: [],
} as const;

/** Two volumes, snapshots of them, and what can be different about a file. */
class Host extends TempDirectory {
  readonly data = `${this.path}/volumes/blog_data/_data`;
  readonly more = `${this.path}/more`;
  readonly archiver: HostArchiver;

  constructor(compression: typeof COMPRESSIONS[number] = "zstd") {
    super();
    this.archiver = new HostArchiver(compression, ENV);
    for (const path of [`${this.data}/sub`, this.more]) Deno.mkdirSync(path, { recursive: true });
    Deno.writeTextFileSync(`${this.data}/a`, "one", { mode: 0o640 });
    Deno.linkSync(`${this.data}/a`, `${this.data}/sub/hard`);
    Deno.symlinkSync("/etc/passwd", `${this.data}/sub/link`);
    Deno.writeTextFileSync(`${this.data}/sparse`, "");
    Deno.truncateSync(`${this.data}/sparse`, 8 * 1024 * 1024);
    for (const name of ["-dash", "new\nline", ".hidden", "grün", "*"]) {
      Deno.writeTextFileSync(`${this.more}/${name}`, name);
    }
    Deno.chownSync(`${this.data}/a`, 1234, 4321);
    Deno.chmodSync(`${this.data}/sub`, 0o2750);
    Deno.chownSync(this.data, 999, 998);
    Deno.chmodSync(this.data, 0o700);
  }

  get mounts(): SavedMount[] {
    return [
      { type: "volume", name: "blog_data", target: "/d", directory: this.data },
      { type: "bind", name: this.more, target: "/m", directory: this.more },
    ];
  }

  async take(): Promise<Snapshots> {
    const snapshots = await Snapshots.open(`${this.path}/snapshots`);
    await snapshots.take(SUBJECT, {
      suffix: this.archiver.suffix,
      expectedBytes: await this.archiver.measure(this.mounts, OPTIONS),
      marginBytes: 0,
      write: (path) => this.archiver.pack(path, this.mounts, OPTIONS),
    });
    return snapshots;
  }

  /** Everything about all files but the time of their last access. */
  async look(): Promise<string> {
    const format = "%P %y %m %U %G %s %n %l %T@\n";
    const of = ["find", this.data, this.more, "-printf", format];
    const files = ["-type", "f", "-exec", "sha256sum", "{}", "+"];
    const contents = await succeed("find", [this.data, this.more, ...files]);
    // A directory's own time changes with what is put into it.
    const facts = (await succeed(of[0]!, of.slice(1))).replaceAll(
      /^ d .*$/gm,
      (line) => line.slice(0, 20),
    );
    return [...facts.split("\n"), ...contents.split("\n")].toSorted().join("\n");
  }
}

for (const compression of COMPRESSIONS) {
  Deno.test({
    name: `what is restored is what was saved, in every respect (${compression})`,
    ...NEEDS,
    fn: async () => {
      using host = new Host(compression);
      const before = await host.look();
      const snapshots = await host.take();
      Deno.writeTextFileSync(`${host.data}/a`, "two");
      Deno.writeTextFileSync(`${host.data}/new`, "");
      Deno.removeSync(`${host.data}/sub`, { recursive: true });
      Deno.removeSync(`${host.more}/-dash`);
      Deno.chownSync(host.data, 0, 0);
      Deno.chmodSync(host.data, 0o755);
      await restoreSnapshot(snapshots, "s1", host.mounts, host.archiver, OPTIONS);
      assertEquals(await host.look(), before);
      const [sparse, link] = [`${host.data}/sparse`, `${host.data}/sub/link`];
      assertEquals([Deno.statSync(sparse).blocks, Deno.readLinkSync(link)], [0, "/etc/passwd"]);
    },
  });
}

Deno.test({
  name: "a volume that was made anew, in another place, is filled all the same",
  ...NEEDS,
  fn: async () => {
    using host = new Host();
    const snapshots = await host.take();
    const directory = `${host.path}/elsewhere`;
    Deno.mkdirSync(directory);
    const places = host.mounts.map((mount) =>
      mount.type === "volume" ? { ...mount, directory } : mount
    );
    await restoreSnapshot(snapshots, "s1", places, host.archiver, OPTIONS);
    assertEquals(Deno.readTextFileSync(`${directory}/a`), "one");
    assertEquals(Deno.statSync(directory).uid, 999);
  },
});

Deno.test({
  name: "nothing is emptied for a snapshot that is damaged, or of which a volume is gone",
  ...NEEDS,
  fn: async () => {
    using host = new Host();
    const snapshots = await host.take();
    const before = await host.look();
    const restore = (places: SavedMount[]) =>
      restoreSnapshot(snapshots, "s1", places, host.archiver, OPTIONS);
    await assertRejects(
      () => restore(host.mounts.slice(1)),
      SnapshotError,
      "Cannot restore s1: the service has no blog_data any more",
    );
    const { file } = await snapshots.read("s1");
    Deno.writeTextFileSync(`${host.path}/snapshots/${file}`, "x", { append: true });
    await assertRejects(() => restore(host.mounts), SnapshotError, "is not what was saved");
    assertEquals(await host.look(), before);
  },
});

Deno.test({
  name: "nothing is emptied in which something is mounted",
  ...needs(linux(), root(), program("tar", "zstd", "mount", "umount")),
  fn: async () => {
    using host = new Host();
    const snapshots = await host.take();
    await succeed("mount", ["--bind", host.more, `${host.data}/sub`]);
    try {
      await assertRejects(
        () => restoreSnapshot(snapshots, "s1", host.mounts, host.archiver, OPTIONS),
        SnapshotError,
        `Cannot empty ${host.data}: ${host.data}/sub is mounted in it`,
      );
    } finally {
      await succeed("umount", [`${host.data}/sub`]);
    }
    assertEquals(Deno.readTextFileSync(`${host.data}/a`), "one");
    assertEquals(Deno.readTextFileSync(`${host.more}/-dash`), "-dash");
  },
});

Deno.test({
  name: "links out of a volume are removed, not followed",
  ...NEEDS,
  fn: async () => {
    using host = new Host();
    const snapshots = await host.take();
    Deno.mkdirSync(`${host.path}/outside`);
    Deno.writeTextFileSync(`${host.path}/outside/file`, "mine");
    Deno.symlinkSync(`${host.path}/outside`, `${host.data}/out`);
    await restoreSnapshot(snapshots, "s1", host.mounts, host.archiver, OPTIONS);
    assertEquals(Deno.readTextFileSync(`${host.path}/outside/file`), "mine");
    assertEquals(host.names("volumes/blog_data/_data"), ["a", "sparse", "sub"]);
  },
});

Deno.test({
  name: "files that cannot be read, or are not there, make no snapshot",
  ...NEEDS,
  fn: async () => {
    using host = new Host();
    Deno.removeSync(host.more, { recursive: true });
    await assertRejects(() => host.take(), Error);
    const nowhere = { ...host.mounts[0]!, directory: null };
    await assertRejects(
      () => host.archiver.pack(`${host.path}/x`, [nowhere], OPTIONS),
      SnapshotError,
      "Cannot get at blog_data: it is not on this host",
    );
    const failing = new HostArchiver("zstd", { PATH: `${host.path}/bin:${ENV.PATH}` });
    Deno.mkdirSync(`${host.path}/bin`);
    const grumble = "#!/bin/sh\necho 'tar: /x: file changed as we read it' >&2; exit 1\n";
    Deno.writeTextFileSync(`${host.path}/bin/tar`, grumble, { mode: 0o755 });
    await assertRejects(
      () => failing.pack(`${host.path}/x`, host.mounts.slice(0, 1), OPTIONS),
      SnapshotError,
      "file changed as we read it; stop or pause what writes there",
    );
  },
});

Deno.test({
  name: "measure() counts what is on the disk, not what files pretend to be",
  ...NEEDS,
  fn: async () => {
    using host = new Host();
    const bytes = await host.archiver.measure(host.mounts, OPTIONS);
    assert(bytes > 5_000 && bytes < 1_000_000, `${bytes}`);
  },
});

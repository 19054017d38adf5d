import { assertEquals, assertRejects } from "@std/assert";
import { SnapshotError } from "../../../../src/data/snapshot/archiver.ts";
import { dumpByCommand, restoreByCommand } from "../../../../src/data/snapshot/command_dump.ts";
import { restoreSnapshot } from "../../../../src/data/snapshot/restore.ts";
import { Snapshots } from "../../../../src/data/snapshot/snapshots.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";
import { FakeArchiver } from "./fake_archiver.ts";

const redact = (text: string) => text.replaceAll("s3cret", "[redacted]");
const env = { PATH: "/usr/bin:/bin", PGPASSWORD: "s3cret" };

Deno.test("a command prints the snapshot, and another one reads it back", async () => {
  using home = new TempDirectory();
  const options = { env, directory: home.path, redact, timeoutMs: 10_000 };
  const dump = `${home.path}/it's a dump`;
  await dumpByCommand(dump, `printf 'a\\0b'; echo "$PGPASSWORD" >&2`, options);
  assertEquals(Deno.readTextFileSync(dump), "a\0b");
  assertEquals(Deno.statSync(dump).mode! & 0o777, 0o600);
  await restoreByCommand(dump, "cat > back", options);
  assertEquals(Deno.readTextFileSync(`${home.path}/back`), "a\0b");
});

Deno.test("a command that fails, or does not end, makes no snapshot", async () => {
  using home = new TempDirectory();
  const options = { env, directory: home.path, redact, timeoutMs: 10_000 };
  await assertRejects(
    () => dumpByCommand(`${home.path}/x`, "echo no s3cret >&2; exit 3", options),
    SnapshotError,
    "Cannot run the snapshot command: exit code 3: no [redacted]",
  );
  await assertRejects(
    () => restoreByCommand("/dev/null", "sleep 60", { ...options, timeoutMs: 50 }),
    SnapshotError,
    "Cannot run the restore command: timed out",
  );
});

Deno.test("what a command has saved is not unpacked", async () => {
  using home = new TempDirectory();
  const snapshots = await Snapshots.open(home.path);
  const archiver = new FakeArchiver();
  const subject = { createdAt: "2026-11-21", version: "1", project: "blog", service: "web" };
  await snapshots.take({ ...subject, id: "a", method: "command", skipped: [] }, {
    suffix: ".dump",
    expectedBytes: null,
    marginBytes: 0,
    async write(path) {
      await Deno.writeTextFile(path, "x");
      return [];
    },
  });
  const restore = () => restoreSnapshot(snapshots, "a", [], archiver, { timeoutMs: 1 });
  await assertRejects(restore, SnapshotError, "a command has made it");
  assertEquals(archiver.calls, []);
});

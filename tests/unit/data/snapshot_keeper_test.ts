import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CommandSaver } from "../../../src/data/command_saver.ts";
import type { DataMemory, DataRecord } from "../../../src/data/data_record.ts";
import type { Saver } from "../../../src/data/saver.ts";
import { SnapshotError } from "../../../src/data/snapshot/archiver.ts";
import { Snapshots } from "../../../src/data/snapshot/snapshots.ts";
import { SnapshotKeeper, snapshotsIn } from "../../../src/data/snapshot_keeper.ts";
import { DiskFullError } from "../../../src/platform/disk_space.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";

const CHANGE = { roll: 7, from: "v1", to: "v2" };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const PATH = { PATH: "/usr/bin:/bin" };

const never = () => new AbortController().signal;

/** Keeps what is in the file `data` of `home`, by commands. */
async function keeperIn(
  home: string,
  {
    keep = 3,
    keepBytes = Infinity,
    now = null as DataRecord | null,
    others = {} as Partial<Saver>,
  } = {},
) {
  let time = Date.UTC(2026, 10, 21, 10, 15);
  const memory: DataMemory = { now, write: () => Promise.resolve() };
  const store = await Snapshots.open(snapshotsIn(home));
  const common = { env: PATH, timeoutMs: 10_000, redact: (text: string) => text };
  const saver = new CommandSaver({
    ...common,
    save: 'cat data && echo " $LIVEROLL_FROM_ID to $LIVEROLL_TO_ID"',
    restore: "cat > data",
    directory: home,
  });
  const nobody = () => Promise.reject(new Error("nobody needs it"));
  const keeper = new SnapshotKeeper({
    store,
    app: "blog",
    saver: Object.assign(saver, others),
    back: { ...common, engine: nobody, archiverFor: nobody },
    keep,
    keepBytes,
    memory,
    date: () => time += 1_000,
    log: SILENT,
  });
  return { keeper, store };
}

Deno.test("a disk without room is seen before anybody is stopped", async () => {
  using home = new TempDirectory();
  const foresee = () => Promise.resolve({ expectedBytes: 2 ** 60, marginBytes: 0 });
  const { keeper } = await keeperIn(home.path, { others: { foresee } });
  await assertRejects(() => keeper.foresee(never()), DiskFullError);
  await (await keeperIn(home.path)).keeper.foresee(never());
  assertEquals(home.names("snapshots"), []);
});

Deno.test("a snapshot says when, for which roll and of which version it was taken", async () => {
  using home = new TempDirectory();
  Deno.writeTextFileSync(`${home.path}/data`, "all");
  const { keeper, store } = await keeperIn(home.path);
  const id = await keeper.take(CHANGE, never());
  assertEquals(id, "20261121T101501Z-r7");
  const { createdAt, version, project, roll, method, wayBack } = await store.read(id);
  assertEquals(
    { createdAt, version, project, roll, method, wayBack },
    {
      createdAt: "2026-11-21T10:15:01.000Z",
      version: "v1",
      project: "blog",
      roll: 7,
      method: "command",
      wayBack: { command: "cat > data", directory: home.path },
    },
  );
});

Deno.test("what a command has printed is given to the other one", async () => {
  using home = new TempDirectory();
  Deno.writeTextFileSync(`${home.path}/data`, "all");
  const { keeper } = await keeperIn(home.path);
  const id = await keeper.take(CHANGE, never());
  Deno.writeTextFileSync(`${home.path}/data`, "ruined");
  await keeper.restore(id);
  assertEquals(Deno.readTextFileSync(`${home.path}/data`), "all v1 to v2\n");
});

Deno.test("a snapshot that is not what was saved is not put back", async () => {
  using home = new TempDirectory();
  Deno.writeTextFileSync(`${home.path}/data`, "all");
  const { keeper } = await keeperIn(home.path);
  const id = await keeper.take(CHANGE, never());
  Deno.writeTextFileSync(`${snapshotsIn(home.path)}/${id}.dump`, "al");
  await assertRejects(() => keeper.restore(id), SnapshotError, "is not what was saved");
  assertEquals(Deno.readTextFileSync(`${home.path}/data`), "all");
});

Deno.test("the newest are kept, and the one that may still be needed", async () => {
  using home = new TempDirectory();
  Deno.writeTextFileSync(`${home.path}/data`, "all");
  const { keeper: first } = await keeperIn(home.path);
  const ids: string[] = [];
  for (const roll of [1, 2, 3, 4]) ids.push(await first.take({ ...CHANGE, roll }, never()));
  const now = { ...CHANGE, stage: "migrating", snapshot: ids[0]!, detail: "" } as const;
  const { keeper, store } = await keeperIn(home.path, { keep: 2, now });
  await keeper.prune();
  assertEquals((await store.list()).map(({ id }) => id), [ids[3], ids[2], ids[0]]);
});

Deno.test("the oldest go that are too big together, never the newest or one that may be needed", async () => {
  using home = new TempDirectory();
  Deno.writeTextFileSync(`${home.path}/data`, "all");
  const { keeper: first, store } = await keeperIn(home.path);
  const ids: string[] = [];
  for (const roll of [1, 2, 3, 4, 5]) ids.push(await first.take({ ...CHANGE, roll }, never()));
  const left = async (keepBytes: number) => {
    const now = { ...CHANGE, stage: "migrating", snapshot: ids[0]!, detail: "" } as const;
    await (await keeperIn(home.path, { keep: 9, keepBytes, now })).keeper.prune();
    return (await store.list()).map(({ id }) => id);
  };
  const { bytes } = await store.read(ids[0]!);
  assertEquals(await left(5 * bytes), ids.toReversed());
  assertEquals(await left(3 * bytes), [ids[4], ids[3], ids[2], ids[0]]);
  assertEquals(await left(1), [ids[4], ids[0]]);
});

Deno.test("a command that fails leaves no snapshot behind", async () => {
  using home = new TempDirectory();
  const { keeper, store } = await keeperIn(home.path);
  const error = await assertRejects(() => keeper.take(CHANGE, never()), SnapshotError);
  assertMatch(error.message, /Cannot take a snapshot|Cannot run the snapshot command/);
  assertEquals(await store.list(), []);
});

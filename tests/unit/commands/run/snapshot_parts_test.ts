import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  archiverFor,
  commandEnvironment,
  openSnapshots,
  snapshotKeeper,
} from "../../../../src/commands/run/snapshot_parts.ts";
import { CALL_VARIABLE } from "../../../../src/compose/program/left_over_calls.ts";
import { resolved } from "../../config/resolving.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

const isRoot = Deno.uid() === 0;

Deno.test("commands that save data can be found again when we are gone", () => {
  const env = commandEnvironment({ HOME: "/root", LIVEROLL_SNAPSHOT: "volumes" }, "mark-");
  assertEquals(env, { HOME: "/root", [CALL_VARIABLE]: "mark-" });
});

Deno.test({
  name: "so can programs that copy volumes",
  ignore: !isRoot,
  async fn() {
    using home = new TempDirectory();
    const script = `#!/bin/sh\necho GNU\nenv > ${home.path}/env\n`;
    for (const name of ["tar", "du", "sync", "zstd"]) {
      Deno.writeTextFileSync(`${home.path}/${name}`, script, { mode: 0o700 });
    }
    const PATH = `${home.path}:${Deno.env.get("PATH")}`;
    const mount = { type: "volume", name: "data", target: "/d", directory: home.path } as const;
    const archiver = await archiverFor([mount], { PATH }, "mark-");
    await archiver.pack(`${home.path}/x.tar.zst`, [mount], { timeoutMs: 10_000 });
    const seen = Deno.readTextFileSync(`${home.path}/env`);
    assertStringIncludes(seen, `${CALL_VARIABLE}=mark-\n`);
  },
});

Deno.test("where volumes cannot be copied the start fails, not the first update", async () => {
  using home = new TempDirectory();
  Deno.symlinkSync("/bin/sh", `${home.path}/sh`);
  const options = ["--image=app", "--snapshot=volumes", "--run-options=-v data:/d"];
  const { config } = resolved([...options, `--state-dir=${home.path}`]);
  await assertRejects(
    () => openSnapshots(config, { PATH: home.path }),
    Error,
    "tar, du and zstd or gzip are not installed; use --snapshot command:CMD",
  );
  assertEquals(home.names(), ["sh"]);
});

for (const [limit, kept] of [["0", "cba"], ["2k", "cb"]] as const) {
  Deno.test(`with --keep-snapshots-size ${limit} there stay ${kept} of three of a kilobyte`, async () => {
    using home = new TempDirectory();
    const dump = "--snapshot=command:head -c 1024 /dev/zero";
    const limits = ["--keep-snapshots=9", `--keep-snapshots-size=${limit}`];
    const { config } = resolved([
      ...["--image=app", `--state-dir=${home.path}`, dump, "--snapshot-restore=cat"],
      ...limits,
    ]);
    const store = (await openSnapshots(config, {}))!;
    const keeper = snapshotKeeper(store, config, {
      env: { PATH: Deno.env.get("PATH") ?? "" },
      redact: (text: string) => text,
      owner: { app: "app", tokenPrefix: "mark-" },
      memory: { now: null, write: () => Promise.resolve() },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    } as never);
    const letters = new Map<string, string>();
    for (const [at, letter] of [..."abc"].entries()) {
      const change = { roll: at + 1, from: "v1", to: "v2" };
      letters.set(await keeper.take(change, new AbortController().signal), letter);
    }
    await keeper.prune();
    const left = (await store.list()).map(({ id }) => letters.get(id));
    assertEquals(left.toSorted().toReversed().join(""), kept);
  });
}

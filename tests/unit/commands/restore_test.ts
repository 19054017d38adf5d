import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../src/commands/mod.ts";
import type { Mount } from "../../../src/container/engine/container_info.ts";
import type { Engine } from "../../../src/container/engine/engine.ts";
import { DataFile } from "../../../src/data/data_file.ts";
import { Snapshots } from "../../../src/data/snapshot/snapshots.ts";
import { snapshotsIn } from "../../../src/data/snapshot_keeper.ts";
import { usersOf } from "../../../src/data/volume_users.ts";
import { StateDirectory } from "../../../src/state/state_directory.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";
import { fakeIo } from "./fake_io.ts";

const BROKEN = {
  roll: 7,
  from: "v1",
  to: "v2",
  stage: "broken",
  snapshot: "s7",
  detail: "the data was changed for v2: restore snapshot s7",
} as const;

/** What `liveroll restore` does where there is no engine. */
async function restore(home: TempDirectory, ...args: string[]) {
  const io = fakeIo({ ...Deno.env.toObject(), DOCKER_HOST: `unix://${home.path}/none.sock` });
  const code = await main(["restore", ...args, "--state-dir", home.path], io);
  return { code, printed: io.printed.join("\n"), complained: io.complained.join("\n") };
}

/** Takes a snapshot that a command puts back into the file `data`. */
async function save(home: TempDirectory, id: string, text: string, command = "cat > data") {
  const store = await Snapshots.open(snapshotsIn(home.path));
  const subject = {
    id,
    createdAt: `2026-11-21T10:15:0${id.slice(1)}.000Z`,
    version: "v1",
    project: "blog",
    service: "blog",
    method: "command",
    skipped: [],
    roll: Number(id.slice(1)),
    wayBack: { command, directory: home.path },
  } as const;
  const write = async (path: string) => {
    await Deno.writeTextFile(path, text);
    return [];
  };
  await store.take(subject, { suffix: ".dump", expectedBytes: null, marginBytes: 0, write });
}

const dataIn = ({ path }: TempDirectory) => Deno.readTextFileSync(`${path}/data`);

Deno.test("restore lists the snapshots, the newest at the bottom", async () => {
  using home = new TempDirectory();
  assertEquals(await restore(home), { code: 0, printed: "no snapshots yet", complained: "" });
  await save(home, "s6", "six");
  await save(home, "s7", "seven");
  const { code, printed } = await restore(home, "--list");
  assertEquals(code, 0);
  assertMatch(printed, /^SNAPSHOT +AT .*\ns6 .* v1 +6 +3 +command\ns7 .* v1 +7 +5 +command$/);
  const { snapshots, pending } = JSON.parse((await restore(home, "--json")).printed);
  assertEquals(pending, null);
  assertEquals(snapshots[0], {
    id: "s7",
    at: "2026-11-21T10:15:07.000Z",
    version: "v1",
    roll: 7,
    bytes: 5,
    method: "command",
    mounts: [],
  });
});

Deno.test("restore SNAPSHOT puts it back, and what was broken is whole again", async () => {
  using home = new TempDirectory();
  await save(home, "s7", "seven");
  await DataFile.open(home.path).write(BROKEN);
  assertEquals((await restore(home)).complained, `liveroll: ${BROKEN.detail}`);
  const { code, printed } = await restore(home, "s7");
  assertEquals([code, printed], [
    0,
    "s7 was put back: the data is that of v1; start liveroll again",
  ]);
  assertEquals([dataIn(home), DataFile.open(home.path).now], ["seven", null]);
});

Deno.test("a restore that fails leaves it written down that the data is broken", async () => {
  using home = new TempDirectory();
  await save(home, "s7", "seven", "echo half > data; echo no room >&2; exit 1");
  const { code, complained } = await restore(home, "s7");
  assertEquals(code, 1);
  assertMatch(complained, /Cannot run the restore command: exit code 1: no room/);
  const { now } = DataFile.open(home.path);
  assertEquals([now?.stage, now?.snapshot], ["broken", "s7"]);
  assertMatch(now?.detail ?? "", /do it again by: liveroll restore s7/);
  assertEquals((await restore(home, "s7", "--command", "cat > data")).code, 0);
  assertEquals([dataIn(home), DataFile.open(home.path).now], ["seven", null]);
});

Deno.test("restore --accept takes broken data as it is, and nothing else", async () => {
  using home = new TempDirectory();
  assertEquals((await restore(home, "--accept")).printed, "nothing is wrong with the data");
  await DataFile.open(home.path).write({ ...BROKEN, stage: "migrating" });
  const refused = await restore(home, "--accept");
  assertEquals(refused.code, 1);
  assertMatch(refused.complained, /is not over: start liveroll/);
  await DataFile.open(home.path).write(BROKEN);
  assertEquals((await restore(home, "--accept")).code, 0);
  assertEquals(DataFile.open(home.path).now, null);
});

const REFUSED: readonly [args: string[], code: number, says: RegExp][] = [
  [["s7", "--accept"], 2, /give one of them/],
  [["s7", "--list"], 2, /--list changes nothing: leave s7 out/],
  [["--list", "--accept"], 2, /leave --accept out/],
  [["s8"], 1, /Cannot find the snapshot s8/],
  [["../s7"], 1, /Cannot use "\.\.\/s7" as the name of a snapshot/],
];

for (const [args, code, says] of REFUSED) {
  Deno.test(`restore ${args.join(" ")} is refused, and nothing is changed`, async () => {
    using home = new TempDirectory();
    await save(home, "s7", "seven");
    await DataFile.open(home.path).write(BROKEN);
    const answer = await restore(home, ...args);
    assertEquals(answer.code, code);
    assertMatch(answer.complained, says);
    assertEquals(DataFile.open(home.path).now, BROKEN);
    assertEquals(home.names().includes("data"), false);
  });
}

Deno.test("a damaged snapshot is refused before anything is changed", async () => {
  using home = new TempDirectory();
  await save(home, "s7", "seven");
  Deno.writeTextFileSync(`${snapshotsIn(home.path)}/s7.dump`, "sewen");
  const { code, complained } = await restore(home, "s7");
  assertEquals(code, 1);
  assertMatch(complained, /s7\.dump is not what was saved$/);
  assertEquals(DataFile.open(home.path).now, null);
});

Deno.test("where liveroll runs nothing is put back, and nothing accepted", async () => {
  using home = new TempDirectory();
  await save(home, "s7", "seven");
  using _lock = StateDirectory.open(home.path);
  for (const args of [["s7"], ["--accept"]]) {
    const { code, complained } = await restore(home, ...args);
    assertEquals(code, 4);
    assertMatch(
      complained,
      /another liveroll .*; stop it first: systemctl stop .*, else liveroll stop --state-dir \//,
    );
  }
  assertEquals((await restore(home)).code, 0);
});

Deno.test("restore where nothing ever ran makes nothing", async () => {
  using home = new TempDirectory();
  const io = fakeIo();
  assertEquals(await main(["restore", "--state-dir", `${home.path}/none`], io), 2);
  assertMatch(io.complained.join(), /there is no state directory .*none: name the application/);
  assertEquals(home.names(), []);
});

const DATA = [{ type: "volume", name: "data" }, { type: "bind", name: "/srv/blog" }] as const;

const USERS: readonly [what: string, state: string, mount: Partial<Mount>, isUser: boolean][] = [
  ["has the volume", "running", { kind: "volume", name: "data" }, true],
  ["is paused on the volume", "paused", { kind: "volume", name: "data" }, true],
  ["only reads the volume", "running", { kind: "volume", name: "data", isWritable: false }, false],
  ["has ended", "exited", { kind: "volume", name: "data" }, false],
  ["has another volume", "running", { kind: "volume", name: "date" }, false],
  ["has the directory", "running", { kind: "bind", source: "/srv/blog" }, true],
  ["has one above", "running", { kind: "bind", source: "/srv" }, true],
  ["has one in it", "running", { kind: "bind", source: "/srv/blog/files" }, true],
  ["has one beside", "running", { kind: "bind", source: "/srv/blog2" }, false],
];

for (const [what, state, mount, isUser] of USERS) {
  Deno.test(`a container that ${what} is ${isUser ? "" : "not "}in the way`, async () => {
    const all: Mount = { kind: "", name: "", source: "", target: "/d", isWritable: true, ...mount };
    const containers = {
      list: (labels: string[]) =>
        Promise.resolve(labels.length > 0 ? [] : [{ id: "c", name: "web", state }]),
      find: () => Promise.resolve({ mounts: [all] }),
    };
    const engine = { containers } as unknown as Engine;
    const { signal } = new AbortController();
    const names = await usersOf(engine, { mounts: DATA, owned: [["liveroll.state=x"]], signal });
    assertEquals(names, isUser ? ["web"] : []);
  });
}

import { assertEquals, assertRejects } from "@std/assert";
import type { CreateBody } from "../../../src/container/engine/create_body.ts";
import { EngineError } from "../../../src/container/engine/engine_error.ts";
import { type DataPlace, placesOfBody } from "../../../src/data/data_place.ts";
import type { SavedMount } from "../../../src/data/snapshot/mounts.ts";
import { VolumeSaver, type VolumeSaverOptions } from "../../../src/data/volume_saver.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";
import { FakeArchiver } from "./snapshot/fake_archiver.ts";

const CHANGE = { roll: 1, from: null, to: "v1" };

/** Saves with an engine whose volumes are directories in `home`. */
function saverIn(home: string, HostConfig: CreateBody["HostConfig"], others?: DataPlace[]) {
  const created: [string, Record<string, string>][] = [];
  const surroundings = {
    volume(name: string) {
      const path = `${home}/${name}`;
      if (existsSync(path)) {
        return Promise.resolve({ name, driver: "local", path, options: {}, labels: {} });
      }
      return Promise.reject(new EngineError("look at volume", "not_found", "no", 404));
    },
    createVolume(name: string, labels: Record<string, string>) {
      created.push([name, labels]);
      return Deno.mkdir(`${home}/${name}`);
    },
  };
  let seen: readonly SavedMount[] = [];
  let stilled: readonly string[] = [];
  const saver = new VolumeSaver({
    engine: { surroundings } as unknown as VolumeSaverOptions["engine"],
    socket: "/run/engine.sock",
    places: () => Promise.resolve(others ?? placesOfBody({ ...HostConfig && { HostConfig } })),
    writers: {
      requireNoOthers: (mounts) =>
        mounts.some(({ name }) => name === "shared")
          ? Promise.reject(new Error("backup runs"))
          : Promise.resolve(),
      still(mounts) {
        stilled = mounts.map(({ name }) => name);
        return Promise.resolve();
      },
      requireStill: (mounts = []) =>
        Promise.reject(new Error(`web was started on ${mounts.map(({ name }) => name)}`)),
    },
    timeoutMs: 1_000,
    archiverFor(mounts) {
      seen = mounts;
      return Promise.resolve(new FakeArchiver());
    },
  });
  const collect = () => saver.collect(CHANGE, new AbortController().signal);
  const foresee = () => saver.foresee(new AbortController().signal);
  return { collect, foresee, created, seen: () => seen, stilled: () => stilled };
}

Deno.test("everything that containers can write to and that outlives them is saved", async () => {
  using home = new TempDirectory();
  Deno.mkdirSync(`${home.path}/data`);
  Deno.mkdirSync(`${home.path}/files`);
  const { collect, seen, created, stilled } = saverIn(home.path, {
    Binds: ["data:/data", `${home.path}/files:/files:z`, "conf:/etc/app:ro", "/run/x.sock:/x.sock"],
    Mounts: [{ Type: "volume", Source: "data", Target: "/again" }, { Type: "tmpfs", Target: "/t" }],
  });
  const { method, wayBack, skipped } = await collect();
  assertEquals([method, wayBack, skipped], ["host", { engine: "/run/engine.sock" }, []]);
  const [volume, bind] = [`${home.path}/data`, `${home.path}/files`];
  assertEquals(seen(), [
    { type: "volume", name: "data", target: "/data", directory: volume },
    { type: "bind", name: bind, target: "/files", directory: bind },
  ]);
  assertEquals(created, []);
  assertEquals(stilled(), ["data", bind], "nobody writes meanwhile");
});

Deno.test("before the first start there is nothing: it is made, and saved empty", async () => {
  using home = new TempDirectory();
  const files = `${home.path}/deep/files`;
  const { collect, seen, created } = saverIn(home.path, { Binds: ["data:/d", `${files}:/f`] });
  await collect();
  assertEquals(created, [["data", {}]]);
  assertEquals(seen().map(({ directory }) => directory), [`${home.path}/data`, files]);
});

Deno.test("a volume of a compose file is made with its labels; an external one is not ours to make", async () => {
  using home = new TempDirectory();
  const labels = { "com.docker.compose.project": "blog" };
  const place = { kind: "volume", source: "blog_data", target: "/data" } as const;
  const { collect, created } = saverIn(home.path, {}, [{ ...place, labels }]);
  await collect();
  assertEquals(created, [["blog_data", labels]]);
  const external = saverIn(home.path, {}, [{ ...place, source: "theirs", labels: null }]);
  await assertRejects(external.collect, Error, "docker volume create theirs");
});

Deno.test("what would be in the way of a snapshot is seen while everybody still runs", async () => {
  using home = new TempDirectory();
  const { foresee, stilled } = saverIn(home.path, { Binds: ["data:/d"] });
  const { expectedBytes, marginBytes } = await foresee();
  assertEquals([expectedBytes, marginBytes, stilled()], [0, 64 * 1024 * 1024, []]);
  await assertRejects(
    saverIn(home.path, { Binds: ["/etc:/e"] }).foresee,
    Error,
    "be copied: it be",
  );
  await assertRejects(saverIn(home.path, { Binds: ["shared:/d"] }).foresee, Error, "backup runs");
});

Deno.test("what is written to and cannot be copied is refused; what is gone at the next boot is not missed", async () => {
  using home = new TempDirectory();
  Deno.writeTextFileSync(`${home.path}/app.sqlite`, "");
  const refused = saverIn(home.path, { Binds: ["data:/d", "/etc:/host"] });
  await assertRejects(refused.collect, Error, "/etc cannot be copied: it belongs to the system");
  const file = saverIn(home.path, { Binds: ["data:/d", `${home.path}/app.sqlite:/db`] });
  await assertRejects(file.collect, Error, "app.sqlite cannot be copied: it is not a directory");
  const { collect, seen } = saverIn(home.path, { Binds: ["data:/d", "/run:/run"] });
  await collect();
  assertEquals(seen().map(({ name }) => name), ["data"]);
  const none = saverIn(home.path, { Binds: ["/run:/run"] });
  await assertRejects(none.collect, Error, "there is nothing that could be copied");
});

function existsSync(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

Deno.test("what somebody may have written to meanwhile is no copy", async () => {
  using home = new TempDirectory();
  Deno.mkdirSync(`${home.path}/data`);
  const { collect } = saverIn(home.path, { Binds: ["data:/data"] });
  const { source } = await collect();
  const copying = () => source.write(`${home.path}/copy.part`);
  await assertRejects(copying, Error, "web was started on data");
});

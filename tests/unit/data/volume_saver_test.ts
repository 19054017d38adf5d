import { assertEquals, assertRejects } from "@std/assert";
import type { SavedMount } from "../../../src/compose/snapshot/mounts.ts";
import type { CreateBody } from "../../../src/container/engine/create_body.ts";
import { EngineError } from "../../../src/container/engine/engine_error.ts";
import { VolumeSaver, type VolumeSaverOptions } from "../../../src/data/volume_saver.ts";
import { TempDirectory } from "../artifact/temp_directory.ts";
import { FakeArchiver } from "../compose/snapshot/fake_archiver.ts";

const CHANGE = { roll: 1, from: null, to: "v1" };

/** Saves with an engine whose volumes are directories in `home`. */
function saverIn(home: string, HostConfig: CreateBody["HostConfig"]) {
  const created: string[] = [];
  const surroundings = {
    volume(name: string) {
      const path = `${home}/${name}`;
      if (existsSync(path)) {
        return Promise.resolve({ name, driver: "local", path, options: {}, labels: {} });
      }
      return Promise.reject(new EngineError("look at volume", "not_found", "no", 404));
    },
    createVolume(name: string) {
      created.push(name);
      return Deno.mkdir(`${home}/${name}`);
    },
  };
  let seen: readonly SavedMount[] = [];
  const saver = new VolumeSaver({
    engine: { surroundings } as unknown as VolumeSaverOptions["engine"],
    socket: "/run/engine.sock",
    body: { ...HostConfig && { HostConfig } },
    timeoutMs: 1_000,
    archiverFor(mounts) {
      seen = mounts;
      return Promise.resolve(new FakeArchiver("host"));
    },
  });
  const collect = () => saver.collect(CHANGE, new AbortController().signal);
  return { collect, created, seen: () => seen };
}

Deno.test("everything that containers can write to and that outlives them is saved", async () => {
  using home = new TempDirectory();
  Deno.mkdirSync(`${home.path}/data`);
  Deno.mkdirSync(`${home.path}/files`);
  const { collect, seen, created } = saverIn(home.path, {
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
});

Deno.test("before the first start there is nothing: it is made, and saved empty", async () => {
  using home = new TempDirectory();
  const files = `${home.path}/deep/files`;
  const { collect, seen, created } = saverIn(home.path, { Binds: ["data:/d", `${files}:/f`] });
  await collect();
  assertEquals(created, ["data"]);
  assertEquals(seen().map(({ directory }) => directory), [`${home.path}/data`, files]);
});

Deno.test("where nothing can be saved it is said why", async () => {
  using home = new TempDirectory();
  const { collect } = saverIn(home.path, { Binds: ["/etc:/host"] });
  await assertRejects(
    collect,
    Error,
    "nothing that could be saved: /etc: it belongs to the system",
  );
});

function existsSync(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

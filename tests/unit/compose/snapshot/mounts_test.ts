import { assertEquals } from "@std/assert";
import { readModel } from "../../../../src/compose/read_model.ts";
import { selectMounts } from "../../../../src/compose/snapshot/mounts.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

async function select(volumes: unknown[], mountpoints: Record<string, string> = {}) {
  const named = { data: {}, old: { external: true, name: "legacy" } };
  const model = readModel({ services: { web: { volumes } }, volumes: named }, "blog");
  const volumeMountpoint = (name: string) => Promise.resolve(mountpoints[name] ?? null);
  return await selectMounts(model.services.get("web")!, model, { volumeMountpoint });
}

Deno.test("selectMounts() finds volumes by the name that the engine knows them by", async () => {
  using home = new TempDirectory();
  const mountpoints = { blog_data: home.path, legacy: "/nowhere/_data" };
  assertEquals(await select(["data:/d", "old:/o", "data:/twice"], mountpoints), {
    saved: [
      { type: "volume", name: "blog_data", target: "/d", directory: home.path },
      { type: "volume", name: "legacy", target: "/o", directory: null },
    ],
    skipped: [],
  });
});

Deno.test("selectMounts() leaves out what does not change, and what goes with the container", async () => {
  const volumes = ["data:/d:ro", "/anon", { type: "tmpfs", target: "/t" }];
  assertEquals(await select(volumes), { saved: [], skipped: [] });
});

Deno.test("selectMounts() follows links to directories, and skips what is none", async () => {
  using home = new TempDirectory();
  Deno.mkdirSync(`${home.path}/real`);
  Deno.symlinkSync("real", `${home.path}/link`);
  Deno.writeTextFileSync(`${home.path}/file`, "");
  const { saved, skipped } = await select([
    `${home.path}/link:/l`,
    `${home.path}/file:/f`,
    `${home.path}/missing:/m`,
  ]);
  assertEquals(saved.map(({ name, directory }) => [name, directory]), [
    [`${home.path}/real`, `${home.path}/real`],
    [`${home.path}/missing`, null],
  ]);
  assertEquals(skipped, [{ name: `${home.path}/file`, why: "it is not a directory" }]);
});

for (
  const path of ["/", "/etc", "/etc/app", "/home", "/home/me", "/var/lib", "/run/x.sock", "/srv"]
) {
  Deno.test(`selectMounts() never touches ${path}`, async () => {
    const { saved, skipped } = await select([{ type: "bind", source: path, target: "/x" }]);
    const name = await Deno.realPath(path).catch(() => path);
    assertEquals({ saved, skipped }, {
      saved: [],
      skipped: [{ name, why: "it belongs to the system" }],
    });
  });
}

for (const path of ["/data", "/srv/blog", "/home/me/blog", "/var/lib/blog", "/opt/blog/data"]) {
  Deno.test(`selectMounts() takes ${path} for data`, async () => {
    const { saved } = await select([{ type: "bind", source: path, target: "/x" }]);
    assertEquals(saved.map(({ name }) => name), [path]);
  });
}

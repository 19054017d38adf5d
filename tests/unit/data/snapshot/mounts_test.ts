import { assertEquals } from "@std/assert";
import { selectMounts, type WrittenPlace } from "../../../../src/data/snapshot/mounts.ts";
import { TempDirectory } from "../../artifact/temp_directory.ts";

async function select(places: WrittenPlace[], mountpoints: Record<string, string> = {}) {
  const volumeMountpoint = (name: string) => Promise.resolve(mountpoints[name] ?? null);
  return await selectMounts(places, { volumeMountpoint });
}

function bind(source: string): WrittenPlace {
  return { kind: "bind", source, target: "/x" };
}

Deno.test("selectMounts() finds volumes where the engine has them, each once", async () => {
  using home = new TempDirectory();
  const mountpoints = { blog_data: home.path, legacy: "/nowhere/_data" };
  const volumes = [["blog_data", "/d"], ["legacy", "/o"], ["blog_data", "/twice"]] as const;
  const places = volumes.map(([source, target]) => ({ kind: "volume", source, target }) as const);
  assertEquals(await select(places, mountpoints), {
    saved: [
      { type: "volume", name: "blog_data", target: "/d", directory: home.path },
      { type: "volume", name: "legacy", target: "/o", directory: null },
    ],
    skipped: [],
  });
});

Deno.test("selectMounts() follows links to directories, and skips what is none", async () => {
  using home = new TempDirectory();
  Deno.mkdirSync(`${home.path}/real`);
  Deno.symlinkSync("real", `${home.path}/link`);
  Deno.writeTextFileSync(`${home.path}/file`, "");
  const { saved, skipped } = await select([
    bind(`${home.path}/link`),
    bind(`${home.path}/file`),
    bind(`${home.path}/missing`),
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
    const { saved, skipped } = await select([bind(path)]);
    const name = await Deno.realPath(path).catch(() => path);
    assertEquals({ saved, skipped }, {
      saved: [],
      skipped: [{ name, why: "it belongs to the system" }],
    });
  });
}

for (const path of ["/data", "/srv/blog", "/home/me/blog", "/var/lib/blog", "/opt/blog/data"]) {
  Deno.test(`selectMounts() takes ${path} for data`, async () => {
    const { saved } = await select([bind(path)]);
    assertEquals(saved.map(({ name }) => name), [path]);
  });
}

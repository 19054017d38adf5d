import { assertEquals, assertRejects } from "@std/assert";
import { installFile } from "../../../src/artifact/install.ts";
import { ArtifactRefusedError } from "../../../src/artifact/refused.ts";

async function installed(
  name: string,
  test: (releases: string, install: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "liveroll-install-" });
  await Deno.mkdir(`${dir}/releases`);
  await Deno.writeTextFile(`${dir}/download`, "#!/bin/sh\necho runs\n");
  const into = `${dir}/releases/one`;
  try {
    const install = () => installFile(`${dir}/download`, { into, name, tag: "v1.2.3" });
    await test(`${dir}/releases`, install);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("a program that is no archive is installed by its own name, executable, and by its short one", () =>
  installed("app_1.2.3_linux_amd64", async (releases, install) => {
    await install();
    for (const name of ["app", "app_1.2.3_linux_amd64"]) {
      const { stdout } = await new Deno.Command(`${releases}/one/${name}`).output();
      assertEquals(new TextDecoder().decode(stdout), "runs\n");
    }
    assertEquals(await Deno.readLink(`${releases}/one/app`), "app_1.2.3_linux_amd64");
  }));

Deno.test("what is no program has one name", () =>
  installed("data-1.2.3.json", async (releases, install) => {
    await install();
    assertEquals([...Deno.readDirSync(`${releases}/one`)].map(({ name }) => name), [
      "data-1.2.3.json",
    ]);
  }));

for (const name of ["app.gz", "app_linux_amd64.deb", "..", "", "a/b"]) {
  Deno.test(`${JSON.stringify(name)} is not installed, and nothing is left of it`, () =>
    installed(name, async (releases, install) => {
      const { kind } = await assertRejects(install, ArtifactRefusedError, "Cannot install");
      assertEquals([kind, [...Deno.readDirSync(releases)]], ["archive", []]);
    }));
}

Deno.test("what is there already is not replaced, and nothing is left of the try", () =>
  installed("app", async (releases, install) => {
    await install();
    await assertRejects(install);
    assertEquals([...Deno.readDirSync(releases)].map(({ name }) => name), ["one"]);
  }));

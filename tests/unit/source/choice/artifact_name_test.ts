import { assertEquals, assertThrows } from "@std/assert";
import { parseArtifactName } from "../../../../src/source/choice/artifact_name.ts";
import { matchAsset } from "../../../../src/source/choice/match_asset.ts";
import { toAssets } from "./asset_lists.ts";

const TAG = "v1.2.3+blue";

function find(artifact: string, names: readonly string[], { os = "linux", arch = "x86_64" } = {}) {
  const wish = { tag: TAG, platform: { os, arch }, artifact: parseArtifactName(artifact) };
  return matchAsset(toAssets(names), wish)?.name ?? null;
}

Deno.test("templates stand for tag, version, and any spelling of the platform", () => {
  const table: [artifact: string, name: string][] = [
    ["app-{{tag}}.zip", "app-v1.2.3+blue.zip"],
    ["app-{{version}}.zip", "app-1.2.3+blue.zip"],
    ["app_{{os}}_{{arch}}.zip", "app_linux_amd64.zip"],
    ["app_{{os}}_{{arch}}.zip", "app_Linux_x86_64.zip"],
    ["app_{{ os }}_{{ Arch }}.zip", "app_LINUX_x64.zip"],
    ["app_<<OS>>_<<ARCH>>.zip", "app_linux_x86-64.zip"],
    ["<<VERSION>>/{{tag}}", "1.2.3+blue/v1.2.3+blue"],
    ["{{arch}}", "amd64"],
    ["a.b+c(d)[e]*?^$|\\{f}", "a.b+c(d)[e]*?^$|\\{f}"],
  ];
  for (const [artifact, name] of table) assertEquals(find(artifact, ["x", name]), name, artifact);
});

Deno.test("everything that is not a template is taken as it stands", () => {
  const table: [artifact: string, name: string][] = [
    ["app-{{tag}}.zip", "app-v1x2x3+blue.zip"],
    ["app-{{tag}}.zip", "app-v1.2.3bblue.zip"],
    ["app-{{tag}}.zip", "app-V1.2.3+blue.zip"],
    ["app-{{tag}}.zip", "app-v1.2.3+bluexzip"],
    ["app_{{os}}_{{arch}}.zip", "App_linux_amd64.zip"],
    ["app_{{os}}_{{arch}}.zip", "app_linux_arm64.zip"],
    ["app_{{os}}_{{arch}}.zip", "app_linux_amd64.zip.sha256"],
    ["app_{{os}}_{{arch}}.zip", "my-app_linux_amd64.zip"],
  ];
  for (const [artifact, name] of table) assertEquals(find(artifact, [name]), null, name);
});

Deno.test("an architecture that runs the programs of others takes the best there is", () => {
  const names = ["app_arm.zip", "app_armv6.zip", "app_armv7.zip", "app_arm64.zip"];
  assertEquals(find("app_{{arch}}.zip", names, { arch: "armv7" }), "app_armv7.zip");
  assertEquals(find("app_{{arch}}.zip", names, { arch: "armv6" }), "app_armv6.zip");
  assertEquals(find("app_{{arch}}.zip", names.slice(0, 2), { arch: "armv7" }), "app_arm.zip");
  const mac = { os: "darwin", arch: "arm64" };
  assertEquals(
    find("app_{{os}}_{{arch}}.zip", ["app_macOS_universal.zip"], mac),
    "app_macOS_universal.zip",
  );
});

Deno.test("a platform that nobody knows is spelled as it is given", () => {
  assertEquals(
    find("app_{{os}}_{{arch}}", ["app_haiku_vax"], { os: "haiku", arch: "vax" }),
    "app_haiku_vax",
  );
});

Deno.test("a template that does not exist is refused by the name it is in", () => {
  for (
    const artifact of ["app-{{tags}}", "{{}}", "app-{{tag", "app-<<PORT>>", "<<", "a{{{tag}}}"]
  ) {
    const error = assertThrows(() => parseArtifactName(artifact), SyntaxError);
    assertEquals(
      error.message,
      `${JSON.stringify(artifact)} is not the name of an artifact: it may have {{tag}}, ` +
        "{{version}}, {{os}}, {{arch}}, and no other {{ or <<",
    );
  }
  const error = assertThrows(() => parseArtifactName(""), SyntaxError);
  assertEquals(error.message, "an artifact needs a name, it is empty");
});

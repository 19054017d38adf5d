import { assertEquals } from "@std/assert";
import { programName } from "../../../../src/source/choice/asset_name.ts";

const CASES: readonly [name: string, short: string | null][] = [
  ["app_linux_amd64", "app"],
  ["app-v1.2.3-linux-x86_64", "app"],
  ["app_1.2.3_linux_arm64", "app"],
  ["My-App-linux64", "My-App"],
  ["AppLinuxArm64", "App"],
  ["app-1.2.3", "app"],
  ["app", null],
  ["linux_amd64", null],
  ["data-1.2.3.json", null],
  ["app_linux_amd64.tar.gz", null],
];

for (const [name, short] of CASES) {
  Deno.test(`${name} is called ${short ?? "nothing else"} for short`, () => {
    assertEquals(programName(name, "v1.2.3"), short);
  });
}

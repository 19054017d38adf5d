import { assert, assertEquals } from "@std/assert";
import { appName } from "../../../../src/config/app_kind.ts";
import { parseReference } from "../../../../src/image/image_reference.ts";
import { containerBaseName, imagePart } from "../../../../src/runtime/container/engine_names.ts";

for (const app of ["blog", "blog@eu", "My..App", "a_-_b", "a.", "9@@", "x@"]) {
  Deno.test(`the app ${app} can be named to an engine`, () => {
    assertEquals(appName.parse(app), app);
    assert(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(containerBaseName(app)));
    const { repository } = parseReference(`liveroll-keep/${imagePart(`${app}-0123abcd`)}`);
    assert(repository.endsWith("-0123abcd"));
  });
}

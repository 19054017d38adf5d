import { assert, assertEquals, assertRejects } from "@std/assert";
import { createOci } from "../../../../src/source/oci/create_oci.ts";
import { RegistryError } from "../../../../src/source/registry.ts";
import { IMAGE_LOGIN, ImageRegistry } from "../../../helpers/image_registry.ts";
import { needs, program } from "../../../helpers/skip.ts";

const never = new AbortController().signal;
const TAGS = ["latest", "v1.0.0", "v1.1.0-rc.1"];

Deno.test({
  name: "a real registry lists its tags and tells digests",
  ...needs(program("docker-registry")),
  async fn() {
    await using images = await ImageRegistry.start({ hasPasswords: false });
    const digest = await images.push("team/app", TAGS);
    const registry = createOci({ host: images.host, repository: "team/app" }, {}, Date.now);
    const releases = await registry.releases(never);
    assertEquals(releases.map(({ tag }) => tag).sort(), TAGS);
    const image = `${images.host}/team/app@${digest}`;
    assertEquals(await registry.pinned("v1.0.0", never), image);
    const error = await assertRejects(() => registry.pinned("v9", never), RegistryError);
    assertEquals(error.kind, "not_found");
    const other = createOci({ host: images.host, repository: "no/app" }, {}, Date.now);
    const { kind } = await assertRejects(() => other.releases(never), RegistryError);
    assertEquals(kind, "not_found");
  },
});

Deno.test({
  name: "a real registry with passwords asks for one, and answers who knows it",
  ...needs(program("docker-registry")),
  async fn() {
    await using images = await ImageRegistry.start({ hasPasswords: true });
    await images.push("app", TAGS);
    const name = { host: images.host, repository: "app" };
    const releases = await createOci(name, IMAGE_LOGIN, Date.now).releases(never);
    assertEquals(releases.length, TAGS.length);
    for (const env of [{}, { ...IMAGE_LOGIN, DOCKER_PASSWORD: "hunter2" }]) {
      const work = () => createOci(name, env, Date.now).releases(never);
      const error = await assertRejects(work, RegistryError);
      assertEquals(error.kind, "unauthorized");
      assert(!/hunter2|aHVudGVyMg|Basic /.test(Deno.inspect(error)), Deno.inspect(error));
    }
  },
});

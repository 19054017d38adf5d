import { assert, assertEquals, assertThrows } from "@std/assert";
import { ImageDouble } from "../helpers/image_double.ts";
import { withReleases } from "../helpers/releases.ts";
import { TOY_COMMANDS } from "../helpers/toy.ts";

Deno.test("tags of an image are versions; nothing is fetched, the command gets the tag", () =>
  withReleases(async (host) => {
    await using images = new ImageDouble();
    images.tags = ["latest", "v1.0.0", "v2.0.0-rc.1"];
    const liveroll = host.begin({
      registry: `img://${images.host}/team/app`,
      exec: TOY_COMMANDS.deno,
    });
    await liveroll.waitFor("roll.succeeded");
    assertEquals((await liveroll.ask()).text, "v1.0.0");
    images.tags.push("v1.1.0");
    await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
    assertEquals((await liveroll.ask()).text, "v1.1.0");
    await liveroll.stop();
    assertEquals(liveroll.events("roll.phase").some(({ name }) => name === "fetch"), false);
    // There are no files, so there is no place for them.
    assertThrows(() => Deno.statSync(host.root), Deno.errors.NotFound);
    assert(images.requests.every(({ path }) => path.startsWith("/v2/team/app/tags/list")));
  }));

import { assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { foreignFunctions } from "../helpers/handover.ts";
import type { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs } from "../helpers/skip.ts";
import { type UpgradeScene, withScene } from "../helpers/upgrade_scene.ts";
import { verb, type VerbAnswer } from "../helpers/verbs.ts";
import {
  NEW_FIELDS,
  NEW_MESSAGES,
  NEW_SCHEMA,
  type Novelty,
  numbered,
  Versions,
} from "../helpers/versions.ts";

/** A service that begins with this version of liveroll, and the file of another one. */
async function withVersions(
  novelties: readonly Novelty[],
  test: (scene: UpgradeScene, files: { old: string; other: string }) => Promise<void>,
): Promise<void> {
  await using versions = await Versions.build();
  const old = versions.make("old");
  const other = versions.make("other", ...numbered("0.2.0"), ...novelties);
  await withScene((scene) => test(scene, { old, other }));
}

function upgrade({ home }: UpgradeScene, binary: string): Promise<VerbAnswer> {
  return verb(home.stateDir, "upgrade", "--binary", binary);
}

async function pin({ home }: UpgradeScene): Promise<void> {
  const { code, stderr } = await verb(home.stateDir, "pin", "v1");
  assertEquals(code, 0, stderr);
}

/** Which version of liveroll serves, and what it remembers. */
async function present({ home }: UpgradeScene): Promise<string> {
  using client = home.client();
  const { version, settings: { pinned } } = await client.status();
  return `${version}, pinned to ${pinned}`;
}

async function applicationOf(liveroll: Liveroll): Promise<string> {
  return (await liveroll.ask("/pid")).text;
}

Deno.test({
  name: "another version takes over, and gives back: each ignores what it does not know",
  ...needs(linux(), foreignFunctions()),
  fn: () =>
    withVersions([...NEW_MESSAGES, ...NEW_FIELDS], async (scene, { old, other }) => {
      const first = await scene.first({ program: old });
      await pin(scene);
      const application = await applicationOf(first);
      await using load = new Load(first.port, { posts: 1, downloads: 1 });
      await load.sees("v1");
      for (const [binary, version] of [[other, "0.2.0"], [old, config.version], [other, "0.2.0"]]) {
        const { code, stderr } = await upgrade(scene, binary!);
        assertEquals([code, stderr], [0, ""], version);
        assertEquals(await present(scene), `${version}, pinned to v1`);
      }
      assertEquals(await applicationOf(first), application);
      assertNoneFailed(await load.stop());
      await scene.start({ program: old }).waitFor("instance.adopted");
    }),
});

Deno.test({
  name: "a state that is too new for the next version is not given up: the one that serves goes on",
  ...needs(linux(), foreignFunctions()),
  fn: () =>
    withVersions(NEW_SCHEMA, async (scene, { old, other }) => {
      const first = await scene.first({ program: other });
      await pin(scene);
      await using load = new Load(first.port);
      await load.sees("v1");
      const { code, stderr } = await upgrade(scene, old);
      assertEquals(code, 1);
      assertStringIncludes(stderr, `pid ${first.pid} serves on`);
      await first.waitForText("it is of a newer liveroll (schema 3, this one knows 2)");
      assertEquals(await present(scene), "0.2.0, pinned to v1");
      assertNoneFailed(await load.stop());
      assertEquals(first.events("instance.adopted"), []);
    }),
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { withReleases } from "../helpers/releases.ts";
import { linux, needs, root } from "../helpers/skip.ts";
import { mounts, SmallDisk } from "../helpers/small_disk.ts";
import { assertTold } from "../helpers/state_table.ts";

Deno.test("a release is fetched and served, the next one under load without a lost request", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    const liveroll = host.begin({ "after-hook": "echo hooked $LIVEROLL_TO_ID" });
    await liveroll.waitFor("roll.succeeded");
    assertEquals([(await liveroll.ask()).text, host.current()], ["v1.0.0", "v1.0.0"]);
    await using clients = new Load(liveroll.port, { posts: 3 });
    await clients.sees("v1.0.0");
    await host.publish("v1.1.0");
    await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
    await clients.sees("v1.1.0");
    assertNoneFailed(await clients.stop());
    await liveroll.waitFor("hook.ended", { hook: "after" });
    await liveroll.stop();
    assertTold(host.home.stateDir, "downloads/");
    assertEquals([host.current(), host.kept()], ["v1.1.0", ["v1.0.0", "v1.1.0"]]);
    for (const tag of ["v1.0.0", "v1.1.0"]) {
      assertEquals(host.records(tag).length, 1, tag);
      assertMatch(host.records(tag)[0] ?? "", /^shipped_to_.+_server_at_\d{8}T\d{6}\.\d{9}Z\.txt$/);
    }
  }));

Deno.test("a release that crashes is refused and removed, the one before serves on", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    const liveroll = host.begin();
    await liveroll.waitFor("roll.succeeded");
    await host.publish("v2.0.0", { crash: { code: 3, lastWords: ["no database"] } });
    const { detail } = await liveroll.waitFor("roll.failed", { id: "v2.0.0" });
    assertMatch(detail, /code 3/);
    await liveroll.waitFor("check.quarantined");
    assertEquals([(await liveroll.ask()).text, host.current()], ["v1.0.0", "v1.0.0"]);
    await liveroll.stop();
    assertEquals([host.kept(), host.records("v2.0.0")], [["v1.0.0"], []]);
  }));

Deno.test("with the registry gone, the release that was good last is started from this host", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    await host.publish("v1.1.0");
    const first = host.begin();
    await first.waitFor("roll.succeeded", { id: "v1.1.0" });
    await first.stop();
    await Deno.rename(host.registry, `${host.registry}-away`);
    const second = host.begin();
    await second.waitFor("check.failed", { step: "registry" });
    await second.waitFor("roll.succeeded", { id: "v1.1.0" });
    assertEquals((await second.ask()).text, "v1.1.0");
    await second.stop();
    assertEquals(second.events("roll.phase").some(({ name }) => name === "fetch"), false);
    await Deno.rename(`${host.registry}-away`, host.registry);
    assertEquals(host.records("v1.1.0").length, 1);
  }));

Deno.test({
  name: "a release that the disk has no room for waits, and comes when there is room",
  ...needs(linux(), root(), mounts()),
  fn: () =>
    withReleases(async (host) => {
      using disk = new SmallDisk(host.root);
      await host.publish("v1.0.0");
      const liveroll = host.begin();
      await liveroll.waitFor("roll.succeeded");
      disk.fill();
      await host.publish("v1.1.0");
      const { detail, retryInMs } = await liveroll.waitFor("roll.failed", { id: "v1.1.0" });
      assertMatch(
        detail,
        /^Cannot unpack app_.* into .*\/root\/releases: the disk is full: free space/,
      );
      assert(retryInMs !== null && retryInMs > 0);
      assertEquals([(await liveroll.ask()).text, host.current()], ["v1.0.0", "v1.0.0"]);
      assertEquals([...Deno.readDirSync(`${host.root}/releases`)].length, 2);
      disk.empty();
      using client = host.home.client();
      await client.order({ kind: "retry" });
      await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
      assertEquals((await liveroll.ask()).text, "v1.1.0");
      await liveroll.stop();
      assertEquals(host.current(), "v1.1.0");
    }),
});

Deno.test("so many good releases are kept as --keep-releases says", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    const liveroll = host.begin({ "keep-releases": "3" });
    await liveroll.waitFor("roll.succeeded");
    for (const tag of ["v1.1.0", "v1.2.0", "v1.3.0"]) {
      await host.publish(tag);
      await liveroll.waitFor("roll.succeeded", { id: tag });
    }
    await liveroll.stop();
    assertEquals(host.kept(), ["v1.1.0", "v1.2.0", "v1.3.0"]);
  }));

Deno.test("rollback goes to a release that is kept, with its own files", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    const liveroll = host.begin();
    await liveroll.waitFor("roll.succeeded");
    await host.publish("v1.1.0");
    await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
    await Deno.remove(`${host.registry}/v1.0.0`, { recursive: true });
    using client = host.home.client();
    const since = liveroll.log.mark();
    await client.order({ kind: "rollback", id: null });
    await liveroll.waitFor("roll.succeeded", { id: "v1.0.0" }, since);
    assertEquals((await liveroll.ask()).text, "v1.0.0");
    await liveroll.stop();
    assertEquals(host.current(), "v1.0.0");
  }));

Deno.test("a program that is no archive is run by its short name", () =>
  withReleases(async (host) => {
    await host.publishProgram("v1.0.0");
    const liveroll = host.begin();
    await liveroll.waitFor("roll.succeeded");
    assertEquals((await liveroll.ask()).text, "v1.0.0");
    await liveroll.stop();
  }));

Deno.test("liveroll server runs a command line of Dewy: seconds, slots, hooks, no health path, the link", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0+blue");
    await host.publish("v2.0.0+green");
    const hooked = `${host.home.workspace.dir}/hooked`;
    const dewy = {
      interval: "1",
      slot: "blue",
      "before-deploy-hook": `echo before $LIVEROLL_TO_ID >> '${hooked}'`,
      "after-deploy-hook": `echo after $LIVEROLL_TO_ID >> '${hooked}'`,
    };
    const liveroll = host.begin({ ...dewy, exec: null, healthcheck: null }, {
      LIVEROLL_TEST_COMMAND: `${host.root}/current/app`,
    }, {
      program: new URL("../helpers/server_main.ts", import.meta.url).pathname,
    });
    await liveroll.waitFor("roll.succeeded", { id: "v1.0.0+blue" });
    await host.publish("v1.1.0+blue");
    const { roll } = await liveroll.waitFor("roll.succeeded", { id: "v1.1.0+blue" });
    await liveroll.waitFor("hook.ended", { roll, hook: "after" });
    assertEquals((await liveroll.ask()).text, "v1.1.0+blue");
    await liveroll.stop();
    assertEquals(host.current(), "v1.1.0+blue");
    assertEquals(Deno.readTextFileSync(hooked).trim().split("\n").slice(-2), [
      "before v1.1.0+blue",
      "after v1.1.0+blue",
    ]);
  }));

const HOSTILE: readonly [what: string, archive: Uint8Array | string, why: RegExp][] = [
  ["that is no archive", "this is no archive", /Cannot extract/],
  ["that is empty", "", /has no file|Cannot/],
];

for (const [what, content, why] of HOSTILE) {
  Deno.test(`an artifact ${what} is refused, nothing of it is left, and the old version serves`, () =>
    withReleases(async (host) => {
      await host.publish("v1.0.0");
      const liveroll = host.begin({ "log-level": "debug" });
      await liveroll.waitFor("roll.succeeded");
      const { os, arch } = Deno.build;
      await Deno.mkdir(`${host.registry}/.new`);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${host.registry}/.new/app_${os}_${arch}.tar.gz`, bytes);
      await Deno.rename(`${host.registry}/.new`, `${host.registry}/v2.0.0`);
      if (content === "") {
        // Empty files count as not there yet.
        await liveroll.waitFor("check.unchanged");
      } else {
        const { reason, detail } = await liveroll.waitFor("roll.failed", { id: "v2.0.0" });
        assertEquals(reason, "fetch_failed");
        assertMatch(detail, why);
      }
      assertEquals((await liveroll.ask()).text, "v1.0.0");
      await liveroll.stop();
      assertEquals([host.kept(), host.current()], [["v1.0.0"], "v1.0.0"]);
      const left = [...Deno.readDirSync(`${host.home.stateDir}/downloads`)].map(({ name }) => name);
      assert(left.every((name) => !name.includes("v2.0.0")), left.join());
    }));
}

Deno.test("a checksum that does not match is a reason to refuse; one that is required is waited for", () =>
  withReleases(async (host) => {
    await host.publish("v1.0.0");
    const { os, arch } = Deno.build;
    const name = `app_${os}_${arch}.tar.gz`;
    await Deno.writeTextFile(
      `${host.registry}/v1.0.0/${name}.sha256`,
      `${"0".repeat(64)}  ${name}\n`,
    );
    const liveroll = host.begin({ "queue-timeout": "10ms" });
    const { detail } = await liveroll.waitFor("roll.failed");
    assertMatch(detail, /its SHA-256 is [0-9a-f]{64}, and .* says 0{64}/);
    await host.publish("v1.1.0");
    await liveroll.waitFor("roll.succeeded", { id: "v1.1.0" });
    await liveroll.stop();
    await host.publish("v1.2.0");
    const strict = host.begin({ "verify-checksum": "required" });
    await strict.waitForText(`v1.2.0 has no checksum for ${name} yet: it is being published`);
    await strict.waitFor("roll.succeeded", { id: "v1.1.0" });
    assertEquals((await strict.ask()).text, "v1.1.0");
    const bytes = await Deno.readFile(`${host.registry}/v1.2.0/${name}`);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    await Deno.writeTextFile(`${host.registry}/v1.2.0/SHA256SUMS`, `${sum}  ${name}\n`);
    await strict.waitFor("roll.succeeded", { id: "v1.2.0" });
    await strict.stop();
  }));

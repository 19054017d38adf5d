import { assert, assertEquals, assertMatch } from "@std/assert";
import { file, tarGz } from "../helpers/archives.ts";
import { HttpConnection } from "../helpers/http.ts";
import { type ReleaseHost, withReleases } from "../helpers/releases.ts";
import { SiteLoad } from "../helpers/site_load.ts";

/** So long that a page is on its way while versions change. */
const PAGE_LINES = 30_000;
/** More than all buffers between here and the disk take. */
const BIG_BYTES = 32 * 1024 ** 2;

/** A site that says on every line which version it is. */
function site(tag: string, more: Parameters<typeof tarGz>[0] = []): Uint8Array {
  return tarGz([
    file("index.html", `<p>${tag}\n`),
    file("page.txt", `${tag}\n`.repeat(PAGE_LINES)),
    ...more,
  ]);
}

/** Hooks that tell what they see, the first of which minds a file `broken`. */
function hooks({ root }: ReleaseHost): Record<string, string> {
  const told = (dir: string) =>
    `echo "$LIVEROLL_HOOK $LIVEROLL_TO_ID $(cat "${dir}/index.html")" >>"${root}/hooks.log"`;
  return {
    "before-deploy-hook": `${
      told("$LIVEROLL_RELEASE_DIR")
    }; ! test -e "$LIVEROLL_RELEASE_DIR/broken"`,
    "after-deploy-hook": told(`${root}/current`),
  };
}

/** How many sockets a process listens on. */
function listens(pid: number): number {
  const sockets = [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const rows = ["tcp", "tcp6"].flatMap((kind) =>
    Deno.readTextFileSync(`/proc/${pid}/net/${kind}`).trim().split("\n").slice(1)
  ).map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , , state, , , , , , inode = ""]) =>
    state === "0A" && sockets.includes(inode)
  ).length;
}

Deno.test("files are served from one release each, through an update, bad releases and a dead registry", () =>
  withReleases(async (host) => {
    const flags = { serve: `${host.home.port}`, host: "127.0.0.1", ...hooks(host) };
    const big = file("big.bin", new Uint8Array(BIG_BYTES).fill(1));
    await host.publishSite("v1.0.0", site("v1.0.0", [big]));
    const liveroll = host.beginAssets(flags);
    await liveroll.waitFor("roll.succeeded");
    assertEquals((await liveroll.ask()).text, "<p>v1.0.0\n");

    // An update under load, while somebody takes long over the old version.
    const load = new SiteLoad(liveroll.port, "/page.txt");
    await load.sees("v1.0.0");
    using slow = await HttpConnection.connect(liveroll.port);
    await slow.send("/big.bin");
    const head = await slow.readHead();
    await host.publishSite("v2.0.0", site("v2.0.0"));
    await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v2.0.0");
    await load.sees("v2.0.0");
    assertEquals(liveroll.events("drained"), []);
    let bytes = 0;
    for await (const chunk of slow.body(head)) {
      assert(chunk.every((byte) => byte === 1), "the answer goes on with another version");
      bytes += chunk.length;
    }
    assertEquals(bytes, BIG_BYTES);
    const { versions, failed, answered } = await load.stop();
    assertEquals([failed, versions], [[], ["v1.0.0", "v2.0.0"]], `${answered} were answered`);
    await liveroll.waitFor("roll.succeeded", { id: "v2.0.0" });
    await liveroll.waitFor("hook.ended", ({ hook, roll }) => hook === "after" && roll === 2);
    assertEquals(host.current(), "v2.0.0");

    // Neither a release that the hook minds nor one that means harm gets in the way.
    await host.publishSite("v3.0.0", site("v3.0.0", [file("broken")]));
    const refused = await liveroll.waitFor("roll.failed", { id: "v3.0.0" });
    assertEquals(refused.reason, "hook_failed");
    await host.publishSite("v4.0.0", site("v4.0.0", [file("../../out.txt", "out")]));
    const hostile = await liveroll.waitFor("roll.failed", { id: "v4.0.0" });
    assertMatch(hostile.detail, /Cannot extract the archive: entry "\.\.\/\.\.\/out\.txt"/);
    await liveroll.waitFor("check.quarantined", { id: "v4.0.0" });
    assertEquals((await liveroll.ask()).text, "<p>v2.0.0\n");
    await liveroll.stop();
    assertEquals([host.current(), host.kept()], ["v2.0.0", ["v1.0.0", "v2.0.0"]]);
    assertEquals(Deno.readTextFileSync(`${host.root}/hooks.log`).trim().split("\n"), [
      "before v1.0.0 <p>v1.0.0",
      "after v1.0.0 <p>v1.0.0",
      "before v2.0.0 <p>v2.0.0",
      "after v2.0.0 <p>v2.0.0",
      "before v3.0.0 <p>v3.0.0",
    ]);

    // With the registry away, the last good release is served, and the one before is not far.
    await Deno.rename(host.registry, `${host.registry}-away`);
    const again = host.beginAssets(flags);
    await again.waitFor("roll.succeeded", { id: "v2.0.0" });
    assertEquals((await again.ask()).text, "<p>v2.0.0\n");
    using client = host.home.client();
    await client.order({ kind: "rollback", id: null });
    await again.waitFor("roll.succeeded", { id: "v1.0.0" });
    assertEquals((await again.ask()).text, "<p>v1.0.0\n");
    await again.stop();
    assertEquals(host.current(), "v1.0.0");
    await Deno.rename(`${host.registry}-away`, host.registry);
    const records = ["v1.0.0", "v2.0.0", "v3.0.0", "v4.0.0"].map((tag) => host.records(tag).length);
    assertEquals(records, [1, 1, 0, 0]);
    assertMatch(
      host.records("v2.0.0")[0] ?? "",
      /^shipped_to_.+_assets_at_\d{8}T\d{6}\.\d{9}Z\.txt$/,
    );
  }));

Deno.test("files that nobody asks us for are only linked: nothing listens, and orders are heard", () =>
  withReleases(async (host) => {
    await host.publishSite("v1.0.0", site("v1.0.0"));
    const liveroll = host.beginAssets({ "on-demand": "true" });
    await liveroll.waitFor("roll.succeeded");
    assertEquals([listens(liveroll.pid), host.current()], [0, "v1.0.0"]);
    using client = host.home.client();
    const { current, listen, detail } = await client.status();
    assertEquals([current?.id, current?.port, listen, detail], ["v1.0.0", 0, [], "serving v1.0.0"]);
    await host.publishSite("v2.0.0", site("v2.0.0"));
    liveroll.signal("SIGHUP");
    await liveroll.waitFor("roll.succeeded", { id: "v2.0.0" });
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1.0.0");
    assertEquals(host.current(), "v2.0.0");
    const since = liveroll.log.mark();
    liveroll.signal("SIGUSR2");
    const { trigger } = await liveroll.waitFor("roll.started", {}, since);
    await liveroll.waitFor("roll.succeeded", { id: "v2.0.0" }, since);
    assertEquals(trigger, "restart");

    // What a kill leaves is taken up: nothing is fetched or recorded twice.
    liveroll.signal("SIGKILL");
    await liveroll.end();
    const again = host.beginAssets();
    await again.waitFor("roll.succeeded", { id: "v2.0.0" });
    assertEquals(again.events("roll.phase").some(({ name }) => name === "fetch"), false);
    assertEquals((await again.stop()).code, 0);
    assertEquals([host.current(), host.kept()], ["v2.0.0", ["v1.0.0", "v2.0.0"]]);
    assertEquals([host.records("v1.0.0").length, host.records("v2.0.0").length], [1, 1]);
  }));

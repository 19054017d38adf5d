import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { succeed } from "../../scripts/lib/command.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import {
  binaryApp,
  hasVenv,
  makeWheel,
  nodeApp,
  pythonApp,
  Repository,
} from "../helpers/recipe_apps.ts";
import {
  argumentsIn,
  codeBlock,
  installUnit,
  openWorkshop,
  recipeFlags,
  verifyUnit,
} from "../helpers/recipes.ts";
import { linux, needs, program, requirement } from "../helpers/skip.ts";

const GIT_URL = "https://git.example.org/blog.git";
const DOWNLOADS = "https://downloads.example.org";

/** A recipe that serves v1 rolls to v2 under load, and stops. */
async function rollsAndStops(
  liveroll: Liveroll,
  publishV2: () => Promise<string>,
): Promise<void> {
  await using load = new Load(liveroll.port, { keepAlive: 2, fresh: 1, pauseMs: 20 });
  await load.sees("v1");
  const id = await publishV2();
  const since = liveroll.log.mark();
  liveroll.signal("SIGHUP");
  await liveroll.waitFor("roll.succeeded", { id }, since);
  await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id !== id, since);
  await load.sees("v2");
  assertNoneFailed(await load.stop());
  assertEquals(liveroll.children().size, 1);
  assertEquals(await liveroll.stop(), { code: 0, signal: null });
}

Deno.test({
  name: "the Node recipe serves a commit, rolls to the next one under load, and stops",
  ...needs(linux(), program("git", "node", "npm", "tar")),
  fn: async () => {
    await using workshop = await openWorkshop();
    const repository = await Repository.create(`${workshop.directory}/origin`);
    await repository.commit(nodeApp("v1"));
    const flags = await recipeFlags("node", { [GIT_URL]: repository.url });
    const env = { npm_config_cache: `${workshop.directory}/npm`, npm_config_offline: "true" };
    await withLiveroll(
      { flags, env, version: null },
      (liveroll) => rollsAndStops(liveroll, () => repository.commit(nodeApp("v2"))),
    );
  },
});

Deno.test({
  name: "a commit that npm cannot install is refused with npm's words, and the old one serves",
  ...needs(linux(), program("git", "node", "npm", "tar")),
  fn: async () => {
    await using workshop = await openWorkshop();
    const repository = await Repository.create(`${workshop.directory}/origin`);
    await repository.commit(nodeApp("v1"));
    const flags = await recipeFlags("node", { [GIT_URL]: repository.url });
    const env = { npm_config_cache: `${workshop.directory}/npm`, npm_config_offline: "true" };
    await withLiveroll({ flags, env, version: null }, async (liveroll) => {
      const id = await repository.commit({ "package-lock.json": "{ not JSON" });
      liveroll.signal("SIGHUP");
      const { lastLines } = await liveroll.waitFor("roll.failed", { id });
      assertStringIncludes(lastLines.join("\n"), "npm");
      assertEquals((await liveroll.ask()).text, "v1");
    });
  },
});

Deno.test({
  name: "the Python recipe serves a commit, rolls to the next one under load, and stops",
  ...needs(
    linux(),
    program("git", "python3", "tar"),
    requirement(await hasVenv(), "python3-venv not installed"),
  ),
  fn: async () => {
    await using workshop = await openWorkshop();
    const wheels = `${workshop.directory}/wheels`;
    await Deno.mkdir(wheels);
    await makeWheel(wheels);
    const repository = await Repository.create(`${workshop.directory}/origin`);
    await repository.commit(pythonApp("v1"));
    const flags = await recipeFlags("python", { [GIT_URL]: repository.url });
    const env = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels, PIP_NO_CACHE_DIR: "1" };
    await withLiveroll(
      { flags, env, version: null },
      (liveroll) => rollsAndStops(liveroll, () => repository.commit(pythonApp("v2"))),
    );
  },
});

Deno.test({
  name: "the binary recipe fetches and verifies, rolls under load, and stops",
  ...needs(linux(), program("curl", "sha256sum", "python3")),
  fn: async () => {
    await using workshop = await openWorkshop();
    await using downloads = new Downloads();
    const [v1, v2] = [
      await binaryApp("v1", workshop.directory),
      await binaryApp("v2", workshop.directory),
    ];
    await downloads.publish(v1);
    const flags = await recipeFlags("binary", { [DOWNLOADS]: downloads.url });
    await withLiveroll({ flags, version: null }, async (liveroll) => {
      const since = liveroll.log.mark();
      await downloads.publishChecksum(v2);
      liveroll.signal("SIGHUP");
      const { step, detail } = await liveroll.waitFor("check.failed", {}, since);
      assertEquals(step, "pull");
      assertStringIncludes(detail, "releases/new/blog: FAILED");
      assertEquals((await liveroll.ask()).text, "v1");
      await rollsAndStops(liveroll, () => downloads.publish(v2));
    });
  },
});

Deno.test({
  name: "the clean-up keeps the ten newest releases and the one that runs",
  ...needs(linux(), program("find", "grep", "sleep", "tail")),
  fn: async () => {
    await using workshop = await openWorkshop();
    const script = codeBlock("recipe: cleanup", { "/var/lib/blog": workshop.directory });
    const releases = `${workshop.directory}/releases`;
    for (let age = 1; age <= 14; age++) {
      await Deno.mkdir(`${releases}/r${age}`, { recursive: true });
      const time = new Date(Date.now() - age * 60_000);
      await Deno.utime(`${releases}/r${age}`, time, time);
    }
    const cwd = `${releases}/r13`;
    await using running = new Deno.Command("sleep", { args: ["60"], cwd }).spawn();
    await succeed("sh", ["-c", script]);
    running.kill("SIGKILL");
    const left = Array.from(Deno.readDirSync(releases), ({ name }) => Number(name.slice(1)));
    assertEquals(left.toSorted((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13]);
  },
});

for (const name of ["docker", "node", "python", "binary"]) {
  Deno.test({
    name: `the unit of the ${name} recipe has its flags`,
    ...needs(linux()),
    fn: async () => {
      const [run, ...flags] = await argumentsIn(codeBlock(`recipe: ${name}`));
      const [unit, ...unitFlags] = await argumentsIn(codeBlock(`unit: ${name}`));
      assertEquals([run, unit], ["run", "unit"]);
      assertEquals(unitFlags, flags);
    },
  });

  Deno.test({
    name: `systemd-analyze verify finds nothing to say about the unit of the ${name} recipe`,
    ...needs(program("systemd-analyze", ...name === "docker" ? ["docker"] : [])),
    fn: async () => {
      await using workshop = await openWorkshop();
      const path = await installUnit(name, workshop.directory);
      const dropIns = Array.from(Deno.readDirSync(`${path}.d`));
      assert(dropIns.length === 1);
      assertEquals(await verifyUnit(path), "");
    },
  });
}

/** Where a release is published: the file and its checksum. */
class Downloads implements AsyncDisposable {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => {
      const file = this.#files.get(new URL(url).pathname);
      return file ? new Response(file) : new Response("not here", { status: 404 });
    },
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** @returns The id of the version. */
  async publish(binary: Uint8Array): Promise<string> {
    this.#files.set("/blog", new Uint8Array(binary));
    return await this.publishChecksum(binary);
  }

  /** What it is between the two uploads. */
  async publishChecksum(binary: Uint8Array): Promise<string> {
    const bytes = new Uint8Array(binary);
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    this.#files.set("/blog.sha256", new TextEncoder().encode(`${sha256}  blog\n`));
    return sha256;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

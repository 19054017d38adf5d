import { assertEquals, assertStringIncludes } from "@std/assert";
import { ComposeHome } from "../helpers/compose_home.ts";
import { type InstalledCompose, installedComposes } from "../helpers/composes.ts";
import { shell, TOY_PORT } from "../helpers/container_app.ts";
import { ContainerHost, type Seen, showingLog } from "../helpers/container_host.ts";
import { dockerWorks } from "../helpers/docker.ts";
import { type Behaviour, Liveroll, type LiverollOptions } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { OldClient } from "../helpers/old_client.ts";
import {
  assertKillsCostNothing,
  mortal,
  ROLL_KILLS,
  type RollKill,
} from "../helpers/roll_kills.ts";
import { needs } from "../helpers/skip.ts";
import { assertTold } from "../helpers/state_table.ts";

const docker = await dockerWorks();

/** With kills in every phase of a roll; `deno task soak --kills` asks for it. */
const IS_WHOLE = Deno.env.has("SOAK_KILLS");
const KILLS: readonly RollKill[] = IS_WHOLE
  // Which lives on.
  ? [...ROLL_KILLS, { during: "compose up", left: "old" }]
  : [];

const SECRET = "c0rrect-h0rse-battery";

/** Of an old client. */
const TOKEN = "e9a4b1c2d3f405162738495a";

/** Ends at once when it is asked to. */
const WORKER = shell("trap 'exit 0' TERM; while :; do sleep 0.1; done");

/** Two services of one image, and one that is none of our business. */
function stack(image: string, rest = ""): string {
  return `
services:
  web:
    image: ${image}
    network_mode: bridge
    environment: { API_TOKEN: ${SECRET} }
${rest}
  worker:
    image: ${image}
    network_mode: bridge
    command: ${JSON.stringify(WORKER)}
  other:
    image: ${image}
    network_mode: bridge
    command: ${JSON.stringify(WORKER)}
volumes:
  data: {}
`;
}

const DATA = "    volumes: ['data:/data']";

/** As people write it: with a comment, an export and no line break at the end. */
const ENV_FILE = `# by hand\r\nexport VERSION="v1.0.0" # live\nDB_PASSWORD='${SECRET}'`;

/** The migration of v3 fails half way. */
const MIGRATE = `/bin/sh -c 'echo "$TOY_VERSION" >> /data/log; test "$TOY_VERSION" != v3'`;

for (const compose of await installedComposes()) {
  Deno.test({
    name: `services of a compose file are kept at the newest image: ${compose.name}`,
    ...needs(docker, compose.isThere),
    fn: async (t) => {
      await using host = await ContainerHost.start();
      await t.step("recreated, while requests wait", () => recreated(host, compose));
      await t.step("side by side, where the file allows that", (t) => sideBySide(host, compose, t));
      await t.step("by a variable of the environment file", () => byVariable(host, compose));
      await t.step(
        "in the place of ProcessGit's updater, as its old client asks",
        () => byOldClient(host, compose),
      );
    },
  });
}

async function recreated(host: ContainerHost, compose: InstalledCompose): Promise<void> {
  await host.images.push("v1", { tags: ["latest"] });
  await using home = new ComposeHome(
    host,
    compose,
    "blog",
    stack(`${host.images.repository}:latest`, DATA),
  );
  const options = home.options({ service: "web\nworker", migrate: MIGRATE });
  const v5 = await serving(options, async (liveroll) => {
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    const v2 = await host.offer(liveroll, "v2");
    await liveroll.waitFor("roll.succeeded", { id: v2.id }, v2.since);
    await load.sees("v2");
    assertNoneFailed(await load.stop());
    const image = imageOf(host, v2.id);
    assertEquals(await imagesOf(home, "web"), [image]);
    assertEquals(await imagesOf(home, "worker"), [image]);
    assertEquals(await imagesOf(home, "other"), [], "none of our business");

    const v3 = await host.offer(liveroll, "v3");
    const { reason } = await liveroll.waitFor("roll.failed", { id: v3.id }, v3.since);
    assertEquals(reason, "migration_failed");
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals(await imagesOf(home, "web"), [image]);

    const crash = { code: 3, lastWords: [`no access with ${SECRET}`] };
    const v4 = await host.offer(liveroll, "v4", { behaviour: { crash } });
    const { lastLines } = await liveroll.waitFor("roll.failed", { id: v4.id }, v4.since);
    assertStringIncludes(lastLines.join(), "no access with [redacted]");
    assertEquals((await liveroll.ask()).text, "v2");
    assertEquals(placesWithSecret(home, liveroll), []);

    const next = await host.offer(liveroll, "v5");
    // Compose itself lives on, until it has something to say.
    await liveroll.waitFor("roll.phase", { name: "start" }, next.since);
    liveroll.signal("SIGKILL");
    await liveroll.ended;
    return next.id;
  });
  await serving(options, async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "v5");
    assertEquals(await imagesOf(home, "web"), [imageOf(host, v5)]);
    assertEquals((await liveroll.stop()).code, 0);
  });
  assertEquals(await imagesOf(home, "web"), [imageOf(host, v5)], "the stack survives us");
}

async function sideBySide(
  host: ContainerHost,
  compose: InstalledCompose,
  test: Deno.TestContext,
): Promise<void> {
  await host.images.push("v1", { tags: ["latest"] });
  await using home = new ComposeHome(
    host,
    compose,
    "shop",
    stack(`${host.images.repository}:latest`),
  );
  const flags = { service: "web", strategy: "blue-green" };
  const options = mortal(home.options(flags), `${home.directory}/crash-at`);
  await serving(options, async (liveroll) => {
    await using load = new Load(liveroll.port);
    await load.sees("v1");
    const v2 = await host.offer(liveroll, "v2");
    await liveroll.waitFor("roll.candidate", {}, v2.since);
    await load.sees("v2");
    await host.containersWhen((all) => all.length === 1 && all[0]?.version === v2.id);
    const v3 = await host.offer(liveroll, "v3", {
      behaviour: { crash: { code: 3, lastWords: [] } },
    });
    await liveroll.waitFor("roll.failed", { id: v3.id }, v3.since);
    await host.containersWhen((all) => all.length === 1 && all[0]?.version === v2.id);
    assertNoneFailed(await load.stop());
    const [lost] = await home.running("web");
    await host.engine.docker("rm", "--force", lost!.id);
    await host.containersWhen(([one]) => one?.state === "running" && one.id !== lost!.id);
    assertEquals((await liveroll.ask()).text, "v2");
    await oneAfterTheOther(host, liveroll);
    const isSettled = ({ state }: Seen) => state === "running";
    const rolls = { host, options, first: liveroll, isSettled, kills: KILLS };
    await assertKillsCostNothing(rolls, test);
  });
}

/** What leaves is still there when the next one comes. */
async function oneAfterTheOther(host: ContainerHost, liveroll: Liveroll): Promise<void> {
  let last = "";
  for (const version of ["v4", "v5", "v6"]) {
    const { id, since } = await host.offer(liveroll, version);
    await liveroll.waitFor("roll.succeeded", { id }, since);
    last = id;
  }
  await host.containersWhen((all) => all.length === 1 && all[0]?.version === last);
}

async function byVariable(host: ContainerHost, compose: InstalledCompose): Promise<void> {
  const { repository } = host.images;
  await host.images.push("v1.0.0");
  await using home = new ComposeHome(host, compose, "wiki", stack(`${repository}:\${VERSION}`));
  const path = `${home.directory}/prod.env`;
  await Deno.writeTextFile(path, ENV_FILE);
  const registry = `img://${repository}`;
  const flags = { service: "web", registry, "env-file": path, "env-key": "VERSION" };
  await serving(home.options(flags), async (liveroll) => {
    assertEquals(await Deno.readTextFile(path), ENV_FILE);
    assertEquals(await imagesOf(home, "web"), [`${repository}:v1.0.0`]);

    const crash = { code: 3, lastWords: [] };
    const since = await publish(host, liveroll, "v2.0.0", { crash, startDelayMs: 200 });
    await liveroll.waitFor("roll.failed", {}, since);
    assertEquals((await liveroll.ask()).text, "v1.0.0");
    assertEquals(await Deno.readTextFile(path), ENV_FILE, "back to the last byte");

    await liveroll.waitFor("roll.succeeded", {}, await publish(host, liveroll, "v3.0.0"));
    assertEquals((await liveroll.ask()).text, "v3.0.0");
    assertEquals(await Deno.readTextFile(path), ENV_FILE.replace('"v1.0.0"', "v3.0.0"));
    assertEquals(placesWithSecret(home, liveroll), []);
  });
}

/** Its versions are newer than those of the steps before: the registry is the same. */
async function byOldClient(host: ContainerHost, compose: InstalledCompose): Promise<void> {
  const { repository } = host.images;
  await host.images.push("8.1.0");
  const file = stack(`${repository}:\${PROCESSGIT_VERSION:-latest}`);
  await using home = new ComposeHome(host, compose, "deploy", file);
  const path = `${home.directory}/.env`;
  const before = `PROCESSGIT_UPDATER_TOKEN=${TOKEN}\nPROCESSGIT_VERSION=8.1.0 # by hand\n`;
  await Deno.writeTextFile(path, before);
  const digest = await host.images.push("8.2.0");
  await serving(oldUpdater(home, repository), async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "8.1.0", "a start is no update");
    assertEquals(await Deno.readTextFile(path), before);
    const client = new OldClient(liveroll.sparePort, TOKEN);
    await liveroll.waitFor("update.found", ({ waits }) => waits?.obstacle === "notify_only");
    assertEquals((await client.ask("/releases/latest")).json.tag, "8.2.0");
    assertEquals((await new OldClient(liveroll.sparePort, "x").ask("/status")).status, 401);

    const begun = await client.update("v8.2.0");
    const { job_id, status_url = "" } = begun.json;
    assertEquals([begun.status, status_url], [202, `/update/${job_id}`]);
    const second = await client.update("v8.1.0");
    assertEquals([second.status, second.json.code], [409, 409]);
    assertEquals((await client.ask("/status")).json.active_job?.id, job_id);
    await liveroll.waitFor("request.ended", ({ outcome }) => outcome === "succeeded");
    const { state, target_tag, target_digest } = (await client.ask(status_url)).json;
    assertEquals([state, target_tag, target_digest], ["committed", "8.2.0", digest]);
    assertEquals((await liveroll.ask()).text, "8.2.0");
    assertEquals(await Deno.readTextFile(path), before.replace("=8.1.0", "=8.2.0"));
    assertEquals(await imagesOf(home, "web"), [`${repository}:8.2.0`]);
    const again = await client.update("8.2.0");
    assertEquals([again.status, again.json.job_id], [200, job_id]);

    assertEquals((await client.update("v9.9.9")).status, 404);
    assertTold(home.home.stateDir, "compose/", "control-token");
  });
}

/** As the old program was told; the rest is what this host is like. */
function oldUpdater(home: ComposeHome, repository: string): LiverollOptions {
  const { flags, env: known, ...options } = home.options({
    "compose-file": null,
    "state-dir": null,
    healthcheck: null,
    "health-timeout": null,
    "log-format": null,
    interval: "500ms",
    registry: `img://${repository}`,
  });
  const env = {
    ...known,
    PROCESSGIT_UPDATER_TOKEN: TOKEN,
    PROCESSGIT_UPDATER_LISTEN: `127.0.0.1:${home.home.sparePort}`,
    PROCESSGIT_UPDATER_STATE_DIR: home.home.stateDir,
    PROCESSGIT_UPDATER_APP_CONTAINER: "web",
    PROCESSGIT_UPDATER_STUB: "false",
    PROCESSGIT_UPDATER_COMPOSE_FILE: `${home.directory}/compose.yaml`,
    PROCESSGIT_UPDATER_ENV_FILE: `${home.directory}/.env`,
    PROCESSGIT_UPDATER_HEALTH_URL: `http://web:${TOY_PORT}/healthz`,
    // What the old program was fooled by.
    PROCESSGIT_VERSION: "0.0.1",
  };
  return { ...options, flags: flags!, verb: "updater", env };
}

/** Publishes a tag and says that there is news. @returns A mark from before. */
async function publish(
  host: ContainerHost,
  liveroll: Liveroll,
  version: string,
  behaviour: Behaviour = {},
): Promise<number> {
  await host.images.push(version, { behaviour });
  const since = liveroll.log.mark();
  liveroll.signal("SIGHUP");
  return since;
}

async function serving<T>(options: LiverollOptions, test: (liveroll: Liveroll) => Promise<T>) {
  await using liveroll = await Liveroll.serving(options);
  let result: T;
  await showingLog(liveroll, async () => {
    result = await test(liveroll);
  });
  return result!;
}

function imageOf(host: ContainerHost, id: string): string {
  return `${host.images.repository}@${id.split("@")[1]}`;
}

async function imagesOf(home: ComposeHome, service: string): Promise<string[]> {
  return (await home.running(service)).map(({ image }) => image);
}

/** Where somebody could read it. */
function placesWithSecret({ home }: ComposeHome, liveroll: Liveroll): string[] {
  const files = [...Deno.readDirSync(home.stateDir)].filter(({ isFile }) => isFile);
  const latin = new TextDecoder("latin1");
  const places = files.map(({ name }) => `${home.stateDir}/${name}`)
    .filter((path) => latin.decode(Deno.readFileSync(path)).includes(SECRET));
  return liveroll.log.lines.some(({ text }) => text.includes(SECRET)) ? [...places, "log"] : places;
}

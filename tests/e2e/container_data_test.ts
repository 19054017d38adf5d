import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { cosignStandIn } from "../helpers/cosign_stand_in.ts";
import { contentsOf, type DataVersion, MIGRATE, publish } from "../helpers/data_app.ts";
import { showingLog } from "../helpers/container_host.ts";
import { type DockerHost, dockerWorks, startDocker } from "../helpers/docker.ts";
import { HeldTool } from "../helpers/held_tool.ts";
import { Home } from "../helpers/home.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { Receiver } from "../helpers/receiver.ts";
import { needs, requirement } from "../helpers/skip.ts";
import { assertTold } from "../helpers/state_table.ts";
import { succeed } from "../../scripts/lib/command.ts";

const SECRET = "c0rrect-horse-battery";
const RUIN = "busybox rm -rf /data/posts; echo ruined > /data/state";

/** Is not well until the test says that it may end. */
const WAITS = "until [ -e /data/go ]; do busybox sleep 0.1; done; echo no way >&2; exit 1";

const docker = await dockerWorks();
const isRoot = requirement(Deno.uid() === 0, "only root can copy volumes");

/** A liveroll whose application keeps its data in a volume. */
class Scene {
  readonly home = new Home();
  readonly cli = new Cli(this.home);
  readonly host: DockerHost;
  readonly volume = `data-${crypto.randomUUID().slice(0, 8)}`;
  readonly #flags: Record<string, string>;
  readonly #env: Record<string, string>;

  constructor(host: DockerHost, flags: Record<string, string>, env: Record<string, string> = {}) {
    this.host = host;
    this.#flags = flags;
    this.#env = env;
  }

  start(more: Record<string, string | null> = {}): Liveroll {
    const { host: { registry, engine }, home } = this;
    const none = { pull: null, id: null, exec: null, "child-port1": null, "child-port2": null };
    const flags = {
      ...none,
      image: `${registry.address}/data-app:latest`,
      "container-port": "8080",
      "docker-host": `unix://${engine.socket}`,
      healthcheck: "/version",
      "health-timeout": "30s",
      "stop-timeout": "5s",
      "run-options": `-e DB_PASSWORD=${SECRET} -v ${this.volume}:/data`,
      migrate: MIGRATE,
      ...this.#flags,
      ...more,
    };
    return new Liveroll({ verb: "container", version: null, home, flags, env: this.#env });
  }

  /** What is in the volume now. */
  async contents(): Promise<string[]> {
    return contentsOf(await this.directory());
  }

  async directory(): Promise<string> {
    const { engine } = this.host;
    return await engine.docker("volume", "inspect", "--format", "{{.Mountpoint}}", this.volume);
  }

  async running(): Promise<string[]> {
    const names = await this.host.engine.docker("ps", "--format", "{{.Names}}");
    return names.split("\n").filter(Boolean);
  }

  async metrics(): Promise<string> {
    const proxy = { transport: "unix", path: this.home.socketPath } as const;
    using client = Deno.createHttpClient({ proxy });
    return await (await fetch("http://localhost/metrics", { client })).text();
  }

  /** Publishes a version and has it found. @returns A mark from before. */
  async offer(liveroll: Liveroll, version: string, how: DataVersion): Promise<number> {
    await publish(this.host, version, how);
    const since = liveroll.log.mark();
    liveroll.signal("SIGHUP");
    return since;
  }
}

/** Asks on and on. @returns Ends it; what was answered beside 200. */
function asking(liveroll: Liveroll): () => Promise<string[]> {
  const strange: string[] = [];
  let isOver = false;
  const asked = (async () => {
    while (!isOver) {
      const { status, text } = await liveroll.ask("/version");
      if (status !== 200) strange.push(`${status} ${text}`);
    }
  })();
  return async () => {
    isOver = true;
    await asked;
    return strange;
  };
}

Deno.test({
  name: "data is changed for versions, and put back when they do not come to serve",
  ...needs(docker, isRoot),
  fn: async (test) => {
    await using host = await startDocker();
    await test.step("a destructive migration", (test) => destructive(host, test));
    const left = await leftIn(host);
    if (left.length > 0) await host.engine.docker("rm", "--force", ...left);
    await test.step("an additive one, and images that have to be signed", () => additive(host));
  },
});

/** Versions that the old one cannot live with, and liveroll is killed, too. */
async function destructive(host: DockerHost, test: Deno.TestContext): Promise<void> {
  await using receiver = new Receiver();
  using tar = new HeldTool("tar");
  const env = { PATH: tar.path };
  const flags = {
    migration: "destructive",
    snapshot: "volumes",
    "keep-snapshots": "2",
    notify: `webhook+${receiver.url}/hook`,
  };
  const scene = new Scene(host, flags, env);
  using _home = scene.home;
  // What they have begun works on after they are killed.
  await using killed = new AsyncDisposableStack();
  const first = "busybox mkdir -p /data/posts; echo one > /data/posts/1; busybox chmod 640 " +
    "/data/posts/1; busybox chown 7:8 /data/posts/1; busybox ln -sf posts/1 /data/newest";
  await publish(host, "v1", { migrate: first });
  const logs: string[] = [];
  let before: string[] = [];
  const serves = async (liveroll: Liveroll, since: number) => {
    await liveroll.waitFor("roll.switched", {}, since);
    assertEquals((await liveroll.ask("/version")).text, "v1");
  };
  const dies = async (liveroll: Liveroll) => {
    await publish(host, "v1", { migrate: first });
    liveroll.signal("SIGKILL");
    await liveroll.end();
    logs.push(liveroll.log.dump());
  };
  /** What the one that was killed has begun works on, and comes to its end only now. */
  const goesOn = async (liveroll: Liveroll) => {
    await liveroll.waitForText("Waiting for");
    tar.release();
  };
  const isAsBefore = async (outcome: RegExp) => {
    const [, killed] = await scene.cli.history();
    assertEquals(killed?.outcome, "interrupted");
    assertMatch(killed?.detail ?? "", outcome);
    assertEquals(await scene.contents(), before);
  };
  {
    await using liveroll = scene.start();
    await liveroll.waitFor("roll.succeeded");
    before = await scene.contents();
    assertMatch(before.join("\n"), /posts\/1 640 7:8 /);

    await test.step("a migration that fails half way: requests are held, then v1 answers", async () => {
      const end = asking(liveroll);
      const migrate = `${RUIN}; echo "bad password $DB_PASSWORD" >&2; exit 3`;
      const since = await scene.offer(liveroll, "v2", { migrate });
      const { reason, detail } = await liveroll.waitFor("roll.failed", {}, since);
      assertEquals(reason, "migration_failed");
      assertMatch(detail, /code 3: bad password \[redacted\]; the data of .* was restored$/);
      await serves(liveroll, since);
      assertEquals(await end(), []);
      assertEquals(await scene.contents(), before);
      const [, failed] = await scene.cli.history();
      assertEquals([failed?.outcome, failed?.detail], ["failed", detail]);
    });

    await test.step("a version that crashes after a good migration", async () => {
      const run = "echo no posts >&2; exit 1";
      const since = await scene.offer(liveroll, "v3", { migrate: RUIN, run });
      const { reason, detail } = await liveroll.waitFor("roll.failed", {}, since);
      assertEquals(reason, "exited");
      assertMatch(detail, /; the data of .* was restored$/);
      await serves(liveroll, since);
      assertEquals(await scene.contents(), before);
    });

    await test.step("liveroll is killed between migration and switch", async () => {
      const since = await scene.offer(liveroll, "v4", { migrate: RUIN, run: WAITS });
      await liveroll.waitFor("roll.candidate", {}, since);
      assertStringIncludes((await scene.contents()).join(), "/state");
      await dies(liveroll);
    });
  }
  {
    const liveroll = killed.use(scene.start());
    await serves(liveroll, 0);
    await isAsBefore(/ended while .*; the data of .* was restored$/);

    await test.step("liveroll is killed while the data is copied", async () => {
      tar.hold("--create");
      await scene.offer(liveroll, "v5", { migrate: RUIN });
      await tar.isHeld();
      await dies(liveroll);
    });
  }
  {
    const liveroll = killed.use(scene.start());
    await goesOn(liveroll);
    await serves(liveroll, 0);
    await isAsBefore(/ended while .*$/);

    await test.step("liveroll is killed while the data is put back", async () => {
      tar.hold("--extract");
      await scene.offer(liveroll, "v6", { migrate: `${RUIN}; exit 3` });
      await tar.isHeld();
      assertEquals(await scene.contents(), []);
      await dies(liveroll);
    });
  }
  {
    await using liveroll = scene.start();
    await goesOn(liveroll);
    await serves(liveroll, 0);
    await isAsBefore(/ended while .*; the data of .* was restored$/);

    await test.step("the snapshot is damaged: nothing is started, and everybody says so", async () => {
      const since = await scene.offer(liveroll, "v7", { migrate: RUIN, run: WAITS });
      await liveroll.waitFor("roll.candidate", {}, since);
      const { snapshots: [newest] } = await scene.cli.json<Listed>("restore");
      damage(`${scene.home.stateDir}/snapshots`, newest!.id);
      await Deno.writeTextFile(`${await scene.directory()}/go`, "");
      const { detail } = await liveroll.waitFor("roll.failed", {}, since);
      assertMatch(detail, /was not restored .* nothing is started on it; restore snapshot /);
      await liveroll.waitFor("roll.failed", { reason: "data_not_restored" }, since);
      assertEquals(await scene.running(), []);
      assertMatch((await scene.cli.status()).dataProblem ?? "", /was not restored/);
      assertMatch((await scene.cli.run("status")).stdout, /problem +the data was changed for/);
      assertMatch((await scene.cli.run("why")).stdout, /was not restored/);
      assertMatch(await scene.metrics(), /^liveroll_data_broken\{.*\} 1$/m);
      const busy = await scene.cli.run(`restore ${newest!.id}`);
      assertEquals(busy.code, 4);
      assertMatch(
        busy.stderr,
        /another liveroll .*works with it; stop it first: systemctl stop .* else liveroll stop/,
      );
      await liveroll.stop();
      logs.push(liveroll.log.dump());
      assertTold(scene.home.stateDir, "data.json", "snapshots/");
      const told = receiver.received.map(({ text }) => JSON.parse(text));
      assert(told.some(({ event }) => event === "data_broken"), JSON.stringify(told));
      const refused = await scene.cli.run(`restore ${newest!.id}`);
      assertEquals(refused.code, 1);
      assertMatch(refused.stderr, /is not what was saved/);
    });
  }

  await test.step("who leaves the options for data out starts nothing either", async () => {
    const without = { migrate: null, migration: null, snapshot: null, "keep-snapshots": null };
    await using liveroll = scene.start(without);
    assertEquals(await liveroll.end(), { code: 2, signal: null });
    assertMatch(liveroll.log.dump(), /Cannot start anything on the data: .* was not restored/);
    assertEquals(await scene.running(), []);
  });

  await test.step("what somebody accepts is started on", async () => {
    const accepted = await scene.cli.run("restore --accept");
    assertEquals([accepted.code, accepted.stderr], [0, ""]);
    await using liveroll = scene.start();
    await serves(liveroll, 0);
    await liveroll.stop();
    logs.push(liveroll.log.dump());
  });

  await test.step("an older snapshot is put back by hand, once nothing runs on the data", async () => {
    const { snapshots } = await scene.cli.json<Listed>("restore --list");
    const good = snapshots[1]!.id;
    // Six were taken; the one that might have been needed came on top of those to keep.
    assertEquals(snapshots.length, 3);
    const [name] = await scene.running();
    const refused = await scene.cli.run(`restore ${good}`);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, `${name} runs on the data; stop first: docker stop`);
    await host.engine.docker("stop", name!);
    tar.hold("--extract");
    {
      await using restore = scene.cli.start(`restore ${good}`, { env });
      await tar.isHeld();
      restore.signal("SIGKILL");
    }
    await using liveroll = scene.start();
    await goesOn(liveroll);
    await liveroll.waitFor("roll.failed", { reason: "data_not_restored" });
    assertMatch((await scene.cli.status()).dataProblem ?? "", /did not come to its end: nothing/);
    assertEquals(await scene.running(), []);
    await liveroll.stop();
    const { code, stdout } = await scene.cli.run(`restore ${good}`);
    assertEquals(code, 0);
    assertMatch(stdout, /was put back: the data is that of latest@sha256:/);
    assertEquals(await scene.contents(), before);
  });

  await test.step("what is secret in the environment is told nowhere", async () => {
    logs.push(...receiver.received.map(({ text }) => text));
    assertEquals(logs.join("\n").includes(SECRET), false);
    const stateDir = scene.home.stateDir;
    await succeed("sh", ["-c", `! grep -raq '${SECRET}' '${stateDir}'`]);
  });
}

/** Versions that the old one can live with; all have to be signed. */
async function additive(host: DockerHost): Promise<void> {
  const tools = await Deno.makeTempDir({ prefix: "liveroll-cosign-" });
  await using _tools = { [Symbol.asyncDispose]: () => Deno.remove(tools, { recursive: true }) };
  const refuses = `${tools}/refuses`;
  const script = `[ ! -e ${refuses} ] || { echo no matching signatures >&2; exit 1; }`;
  const cosign = cosignStandIn(tools, script);
  const key = `${tools}/cosign.pub`;
  await Deno.writeTextFile(key, "a key");
  const path = `${tools}:${Deno.env.get("PATH")}`;
  const scene = new Scene(host, { "shared-volume": "safe", "cosign-key": key }, { PATH: path });
  using _home = scene.home;
  const migrate = "echo $LIVEROLL_FROM_ID to $LIVEROLL_TO_ID >> /data/log";
  await publish(host, "v1", { migrate });
  await using liveroll = scene.start();
  await liveroll.waitFor("roll.succeeded");
  await showingLog(liveroll, async () => {
    const end = asking(liveroll);
    const since = await scene.offer(liveroll, "v2", { migrate });
    const { id } = await liveroll.waitFor("roll.succeeded", {}, since);
    assertEquals((await liveroll.ask("/version")).text, "v2");
    assertEquals(await end(), []);
    const log = await Deno.readTextFile(`${await scene.directory()}/log`);
    const [first, second] = log.split("\n");
    assertMatch(first!, /^to latest@sha256:/);
    assertEquals(second, `${first!.slice("to ".length)} to ${id}`);
    const digest = id.split("@")[1];
    const image = `${host.registry.address}/data-app@${digest}`;
    const words = cosign.called();
    assertEquals([words.slice(0, 3), words.at(-1)], [["verify", "--key", key], image]);
    await Deno.writeTextFile(refuses, "");
    const before = await scene.offer(liveroll, "v3", { migrate });
    const { reason, detail } = await liveroll.waitFor("roll.failed", {}, before);
    assertEquals(reason, "fetch_failed");
    assertMatch(detail, /cosign says: no matching signatures/);
    assertTold(scene.home.stateDir, "signed-images");
    assertEquals((await liveroll.ask("/version")).text, "v2");
  });
}

interface Listed {
  readonly snapshots: readonly { readonly id: string }[];
}

function damage(directory: string, id: string): void {
  const [file] = Array.from(Deno.readDirSync(directory), ({ name }) => name)
    .filter((name) => name.startsWith(`${id}.tar`));
  using bytes = Deno.openSync(`${directory}/${file}`, { write: true });
  bytes.seekSync(20, Deno.SeekMode.Start);
  bytes.writeSync(new TextEncoder().encode("damaged"));
}

async function leftIn({ engine }: DockerHost): Promise<string[]> {
  return (await engine.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
}

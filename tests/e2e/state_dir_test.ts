import { assert, assertEquals, assertMatch } from "@std/assert";
import { databasePath } from "../../src/state/database.ts";
import { withHome } from "../helpers/lives.ts";
import { type Liveroll, withStarting } from "../helpers/liveroll.ts";
import { linux, needs } from "../helpers/skip.ts";
import { assertTold } from "../helpers/state_table.ts";
import { verb } from "../helpers/verbs.ts";

const ON_LINUX = needs(linux());

function mode(path: string): string {
  return (Deno.lstatSync(path).mode! & 0o777).toString(8);
}

async function refuses(liveroll: Liveroll, why: RegExp): Promise<void> {
  assertEquals(await liveroll.end(), { code: 2, signal: null });
  await liveroll.finished;
  assertMatch(liveroll.log.dump(), why);
  assertEquals(liveroll.events("roll.started"), []);
}

// The directory

Deno.test("a second liveroll on a state directory exits with 2, names the first one, and touches nothing", () =>
  withHome(async (home, begin) => {
    const first = begin();
    await first.waitFor("roll.succeeded");
    const second = begin({ flags: { port: `${home.sparePort}` } });
    await refuses(second, new RegExp(`another liveroll \\(pid ${first.pid}\\) works with it`));
    assertEquals((await first.ask()).text, "v1");
    assertEquals((await verb(home.stateDir, "status")).code, 0);
    assertEquals(first.children().size, 1);
    await first.stop();
  }));

Deno.test({
  name: "what is in the state directory is for nobody else",
  ...ON_LINUX,
  fn: () =>
    withHome(async (home, begin) => {
      const umask = Deno.umask(0);
      const liveroll = begin();
      Deno.umask(umask);
      await liveroll.waitFor("roll.succeeded");
      const modes = [...Deno.readDirSync(home.stateDir)]
        .map(({ name }) => `${mode(`${home.stateDir}/${name}`)} ${name}`).sort();
      assertEquals(modes, [
        "600 control.sock",
        "600 liveroll.db",
        "600 liveroll.db-shm",
        "600 liveroll.db-wal",
        "600 lock",
      ]);
      assertEquals(mode(home.stateDir), "700");
      assertTold(home.stateDir, "control.sock", "liveroll.db", "lock");
    }),
});

Deno.test({
  name: "a state directory that was open to others is closed",
  ...ON_LINUX,
  fn: () =>
    withHome(async (home, begin) => {
      Deno.mkdirSync(home.stateDir);
      Deno.chmodSync(home.stateDir, 0o755);
      const liveroll = begin();
      await liveroll.waitFor("roll.succeeded");
      assertEquals(mode(home.stateDir), "700");
    }),
});

Deno.test("a state directory whose path is too long for a socket is refused before anything is done", () =>
  withStarting({ flags: { "state-dir": `./${"d".repeat(110)}` } }, async (liveroll) => {
    await refuses(liveroll, /path of the control socket would have \d+ bytes.*shorter --state-dir/);
    assertEquals(liveroll.children().size, 0);
  }));

Deno.test("a state directory that is a file is refused", () =>
  withHome(async (home, begin) => {
    Deno.writeTextFileSync(home.stateDir, "");
    await refuses(begin(), /Cannot use \S+ as state directory/);
  }));

// The database

const DAMAGES: Record<string, (path: string) => void> = {
  "is no database": (path) => Deno.writeTextFileSync(path, "x".repeat(20_000)),
  "is cut off": (path) => Deno.truncateSync(path, 5_000),
  "has a page of zeros": (path) => {
    using file = Deno.openSync(path, { write: true });
    file.seekSync(4_096, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(4_096));
  },
  "became a directory": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  },
};

for (const [how, damage] of Object.entries(DAMAGES)) {
  Deno.test(`a database that ${how} is set aside loudly, and what the source names is started`, () =>
    withHome(async (home, begin) => {
      const first = begin();
      await first.waitFor("roll.succeeded");
      await first.roll("v2");
      await first.stop();
      damage(databasePath(home.stateDir));
      const second = begin();
      await second.waitFor("roll.succeeded", { id: "v2" });
      const line = second.log.lines.find(({ event }) => event === "state.damaged");
      assertEquals(line?.level, "error");
      assertMatch(line?.text ?? "", /could not be used .* kept as .*liveroll\.db\.damaged-/);
      const kept = [...Deno.readDirSync(home.stateDir)].map(({ name }) => name)
        .filter((name) => name.includes(".damaged-"));
      assert(kept.length > 0);
      assertEquals((await second.ask()).text, "v2");
      using client = home.client();
      assertEquals((await client.history(10)).map(({ id, to }) => [id, to]), [[1, "v2"]]);
      await second.stop();
      const third = begin();
      await third.waitFor("roll.succeeded", { id: "v2" });
      assertEquals(third.log.lines.filter(({ event }) => event === "state.damaged"), []);
    }));
}

// A source that says nothing

for (
  const [what, flags] of [
    ["the pull fails", { pull: "false" }],
    ["the id fails", { id: "false" }],
    ["the id is empty", { id: "true" }],
  ] as const
) {
  Deno.test(`when ${what} at the start, the version that was good last is started`, () =>
    withHome(async (home, begin) => {
      const first = begin();
      await first.waitFor("roll.succeeded");
      await first.roll("v2");
      await first.stop();
      home.workspace.publish("v3");
      const second = begin({ flags });
      await second.waitFor("check.failed");
      await second.waitFor("roll.succeeded", { id: "v2" });
      assertEquals((await second.ask()).text, "v2");
    }));
}

Deno.test("a version that was refused before is not what is started, the good one before it is", () =>
  withHome(async (_home, begin) => {
    const first = begin();
    await first.waitFor("roll.succeeded");
    const since = first.offer("v2", { crash: { code: 1, lastWords: [] } });
    await first.waitFor("roll.failed", { id: "v2" }, since);
    await first.stop();
    const second = begin();
    await second.waitFor("roll.succeeded", { id: "v1" });
    assertEquals(second.events("roll.started", { to: "v2" }), []);
    assertEquals((await second.ask()).text, "v1");
  }));

// What takes it away while it runs

Deno.test("a state directory that is taken away is made again: updates, commands and the lock go on", () =>
  withHome(async (home, begin) => {
    const liveroll = begin();
    await liveroll.waitFor("roll.succeeded");
    Deno.removeSync(home.stateDir, { recursive: true });
    await liveroll.log.waitForLine("it is made again", ({ event }) => event === "state.restored");
    await liveroll.roll("v2");
    assertEquals((await verb(home.stateDir, "status")).code, 0);
    await refuses(begin({ flags: { port: `${home.sparePort}` } }), /another liveroll/);
    await liveroll.stop("SIGKILL");
    const next = begin();
    await next.waitFor("roll.succeeded", { id: "v2" });
    assertEquals(next.children().size, 1);
  }));

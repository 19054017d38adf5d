import { assertEquals, assertMatch } from "@std/assert";
import type { Home } from "../helpers/home.ts";
import { type Begin, OUTLIVES, servingChild, withHome } from "../helpers/lives.ts";
import type { Liveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs, root } from "../helpers/skip.ts";
import { mounts, SmallDisk } from "../helpers/small_disk.ts";
import { verb } from "../helpers/verbs.ts";

const WHERE_ONE_MOUNTS = needs(linux(), root(), mounts());

/** A home whose state directory is a disk of its own. */
function withDisk(
  test: (disk: SmallDisk, home: Home, begin: Begin) => Promise<void>,
): Promise<void> {
  return withHome(async (home, begin) => {
    const disk = new SmallDisk(home.stateDir);
    try {
      await test(disk, home, begin);
    } finally {
      disk[Symbol.dispose]();
    }
  });
}

async function kill(liveroll: Liveroll): Promise<void> {
  Deno.kill((await servingChild(liveroll)).pid, "SIGKILL");
}

Deno.test({
  name: "a full disk costs no request, is told, holds new versions back, and heals by itself",
  ...WHERE_ONE_MOUNTS,
  fn: () =>
    withDisk(async (disk, home, begin) => {
      const liveroll = begin();
      await liveroll.waitFor("roll.succeeded");
      await using load = new Load(liveroll.port);
      await load.sees("v1");
      disk.fill();
      const since = liveroll.offer("v2");
      await liveroll.waitFor("journal.failed", {}, since);
      await liveroll.waitFor("state", ({ detail }) => detail.includes("nothing can be written"));
      assertEquals((await liveroll.ask()).text, "v1");
      assertEquals(liveroll.events("roll.candidate", {}, since), []);
      const text = await verb(home.stateDir, "status");
      assertEquals(text.code, 0);
      assertMatch(text.stdout, /disk is full|nothing can be written/i);
      const status = JSON.parse((await verb(home.stateDir, "status", "--json")).stdout);
      assertMatch(status.stateProblem, /full/);
      const doctor = JSON.parse((await verb(home.stateDir, "doctor", "--json")).stdout);
      assertEquals(doctor.findings.map(({ code }: { code: string }) => code), ["state_unwritable"]);
      disk.empty();
      await liveroll.waitFor("journal.recovered", {}, since);
      await liveroll.waitFor("roll.succeeded", { id: "v2" }, since);
      await load.sees("v2");
      assertNoneFailed(await load.stop());
      assertEquals((await verb(home.stateDir, "doctor")).code, 0);
    }),
});

Deno.test({
  name:
    "on a full disk crashes are healed, requests can be held, and what could not be kept is refused",
  ...WHERE_ONE_MOUNTS,
  fn: () =>
    withDisk(async (disk, home, begin) => {
      const liveroll = begin();
      await liveroll.waitFor("roll.succeeded");
      disk.fill();
      const since = liveroll.log.mark();
      await kill(liveroll);
      await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v1", since);
      await liveroll.waitFor("journal.failed", {}, since);
      assertEquals((await liveroll.ask()).text, "v1");
      const pause = await verb(home.stateDir, "pause");
      assertEquals(pause.code, 1);
      assertMatch(pause.stderr, /full/);
      assertEquals((await verb(home.stateDir, "hold")).code, 0);
      const held = liveroll.ask();
      assertEquals((await verb(home.stateDir, "release")).code, 0);
      assertEquals((await held).text, "v1");
      disk.empty();
      await liveroll.waitFor("journal.recovered", {}, since);
      using client = home.client();
      const rolls = await client.history(10);
      assertEquals(rolls.map(({ trigger, outcome }) => [trigger, outcome]), [
        ["crash", "succeeded"],
        ["start", "succeeded"],
      ]);
    }),
});

Deno.test({
  name: "liveroll that is killed while the disk is full starts again, and its child is adopted",
  ...WHERE_ONE_MOUNTS,
  fn: () =>
    withDisk(async (disk, home, begin) => {
      const first = begin({ flags: OUTLIVES });
      await first.waitFor("roll.succeeded");
      const { pid } = await servingChild(first);
      disk.fill();
      await first.stop("SIGKILL");
      const second = begin({ flags: OUTLIVES });
      await second.takesUp();
      assertEquals((await servingChild(second)).pid, pid);
      disk.empty();
      await second.rollAndRetire("v2");
      using client = home.client();
      const rolls = await client.history(10);
      assertEquals(rolls.map(({ id, to }) => [id, to]), [[2, "v2"], [1, "v1"]]);
    }),
});

Deno.test({
  name:
    "liveroll starts on a disk that is full from the first day, and remembers when there is room",
  ...WHERE_ONE_MOUNTS,
  fn: () =>
    withDisk(async (disk, home, begin) => {
      disk.fill();
      const liveroll = begin();
      await liveroll.waitFor("roll.succeeded", { id: "v1" });
      assertEquals((await liveroll.ask()).text, "v1");
      const line = liveroll.log.lines.find(({ event }) => event === "state.unwritable");
      assertEquals(line?.level, "error");
      disk.empty();
      await liveroll.waitFor("journal.recovered");
      await liveroll.rollAndRetire("v2");
      using client = home.client();
      const rolls = await client.history(10);
      assertEquals(rolls.map(({ id, to }) => [id, to]), [[2, "v2"], [1, "v1"]]);
    }),
});

Deno.test({
  name:
    "a read-only state directory costs no request and is told; liveroll remembers what was there",
  ...WHERE_ONE_MOUNTS,
  fn: () =>
    withDisk(async (disk, home, begin) => {
      const first = begin();
      await first.waitFor("roll.succeeded");
      await first.roll("v2");
      await first.stop();
      disk.setReadOnly(true);
      const second = begin({ flags: { pull: "false" } });
      await second.waitFor("roll.succeeded", { id: "v2" });
      assertEquals((await second.ask()).text, "v2");
      const line = second.log.lines.find(({ event }) => event === "state.unwritable");
      assertEquals(line?.level, "error");
      disk.setReadOnly(false);
      await second.waitFor("journal.recovered");
      await second.stop();
      const third = begin();
      await third.waitFor("roll.succeeded", { id: "v2" });
      using client = home.client();
      const rolls = await client.history(10);
      assertEquals(rolls.map(({ id, to, outcome }) => `${id} ${to} ${outcome}`), [
        "4 v2 succeeded",
        "3 v2 succeeded",
        "2 v2 succeeded",
        "1 v1 succeeded",
      ]);
    }),
});

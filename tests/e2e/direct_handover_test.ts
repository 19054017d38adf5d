import { assert, assertEquals } from "@std/assert";
import { assertNoLeaks, directFlags } from "../helpers/direct.ts";
import { DIRECT_COMMANDS } from "../helpers/direct_app.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { HandoverProgram } from "../helpers/handover_program.ts";
import type { Home } from "../helpers/home.ts";
import type { Liveroll } from "../helpers/liveroll.ts";
import { type Begin, withHome } from "../helpers/lives.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs, program } from "../helpers/skip.ts";
import { verb } from "../helpers/verbs.ts";

const GONE = { code: 0, signal: null };
const HANDED_ON = needs(linux(), foreignFunctions(), program("python3"));
const LOAD = { keepAlive: 2, fresh: 2 };

/** What a liveroll is told that hands its sockets on. */
function flagsOf(home: Home): Record<string, string> {
  return {
    ...directFlags({ exec: DIRECT_COMMANDS.python, protocol: "systemd" }),
    healthcheck: "notify",
    handover: `${home.workspace.dir}/handover`,
    "child-logs": "inherit",
  };
}

/** A liveroll that serves. */
async function serving(begin: Begin, flags: Record<string, string>): Promise<Liveroll> {
  const liveroll = begin({ flags });
  await liveroll.waitFor("roll.succeeded");
  return liveroll;
}

/** One that takes over from a liveroll, and its child with it. */
async function successor(begin: Begin, flags: Record<string, string>): Promise<Liveroll> {
  const liveroll = begin({ flags });
  await liveroll.takesUp();
  return liveroll;
}

/** The process that accepts. */
function child(liveroll: Liveroll): number {
  const [processes = []] = liveroll.children().values();
  const [{ pid = 0 } = {}] = processes;
  assert(pid > 0);
  return pid;
}

Deno.test({
  name: "direct: the next liveroll gets the socket, and the child never hears of it",
  ...HANDED_ON,
  fn: () =>
    withHome(async (home, begin) => {
      const flags = flagsOf(home);
      let owner = await serving(begin, flags);
      const pid = child(owner);
      await using load = new Load(home.port, LOAD);
      await load.sees("v1");
      for (let i = 0; i < 2; i++) {
        const next = await successor(begin, flags);
        assertEquals(await owner.end(), GONE);
        assertEquals([next.events("roll.started"), child(next)], [[], pid]);
        owner = next;
      }
      await owner.rollAndRetire("v2");
      await load.sees("v2");
      assertNoLeaks(owner);
      assertNoneFailed(await load.stop());
    }),
});

Deno.test({
  name: "direct: liveroll upgrade, and one whose successor dies goes on with the same socket",
  ...HANDED_ON,
  fn: () =>
    withHome(async (home, begin) => {
      const flags = flagsOf(home);
      const owner = await serving(begin, flags);
      await using load = new Load(home.port, LOAD);
      for (const step of ["paused", "locked"] as const) {
        const since = owner.log.mark();
        await using peer = new HandoverProgram(
          "peer",
          { dir: flags.handover!, id: "peer", port: home.port },
          { script: { side: "successor", step, end: "die" } },
        );
        assertEquals(await peer.ended(), "SIGKILL", step);
        await owner.takesUp(since);
      }
      await owner.rollAndRetire("v2");
      const done = await verb(home.stateDir, "upgrade");
      assertEquals([done.code, done.stderr], [0, ""]);
      assertEquals(await owner.end(), GONE);
      await load.sees("v2");
      const last = await successor(begin, flags);
      await last.rollAndRetire("v3");
      await load.sees("v3");
      assertNoneFailed(await load.stop());
    }),
});

Deno.test({
  name: "direct: a child that gets its requests another way is started anew, there and back",
  ...HANDED_ON,
  fn: () =>
    withHome(async (home, begin) => {
      const direct = flagsOf(home);
      const { handover = "" } = direct;
      const relay = { handover, "child-logs": "inherit" };
      const owner = await serving(begin, relay);
      const next = begin({ flags: direct });
      const { detail } = await next.waitFor("instance.leftover");
      assertEquals(detail, "it does not have the public socket");
      await next.waitFor("roll.succeeded");
      assertEquals([await owner.end(), (await next.ask()).text], [GONE, "v1"]);
      const last = begin({ flags: relay });
      const back = await last.waitFor("instance.leftover");
      assertEquals(back.detail, "it accepts from the public socket itself");
      await last.waitFor("roll.succeeded");
      assertEquals((await last.ask()).headers.get("x-version"), "v1");
    }),
});

import { assert, assertEquals } from "@std/assert";
import { ends, isAdopted, STOP_BY_FILE, stoppedWords, WITH_PID_FILE } from "../helpers/adoption.ts";
import { Home } from "../helpers/home.ts";
import { ask } from "../helpers/http.ts";
import { dieAt } from "../helpers/journal_crash.ts";
import { OUTLIVES, withLegacy } from "../helpers/lives.ts";
import { Liveroll } from "../helpers/liveroll.ts";
import { inspect } from "../helpers/proc.ts";
Deno.test("a captured child is stopped before anything new is started", () =>
  withLegacy({ behaviour: { termDelayMs: 300 } }, async ({ child, begin }) => {
    const liveroll = begin();
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    const order = liveroll.log.lines.map(({ event }) => event).filter((event) =>
      /^(instance.leftover|instance.stopped|roll.started)$/.test(event ?? "")
    );
    assertEquals(order, ["instance.leftover", "instance.stopped", "roll.started"]);
    assertEquals([inspect(child.pid), liveroll.children().size], [null, 1]);
  }));

Deno.test("a captured child that ignores TERM is killed before anything new is started", () =>
  withLegacy(
    { flags: { "stop-timeout": "300ms" }, behaviour: { onTerm: "ignore" } },
    async ({ child, begin }) => {
      const liveroll = begin();
      const { outcome } = await liveroll.waitFor("instance.stopped");
      assertEquals([outcome, inspect(child.pid)], ["killed", null]);
      await liveroll.waitFor("roll.succeeded", { id: "v1" });
      assertEquals(liveroll.children().size, 1);
    },
  ));

Deno.test("a captured child is ended by the stop command where there is one", () =>
  withLegacy({ flags: { exec: WITH_PID_FILE, stop: STOP_BY_FILE } }, async (legacy) => {
    const { home, child, begin } = legacy;
    const liveroll = begin();
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    assertEquals(stoppedWords(home), ["v1"]);
    assertEquals([inspect(child.pid), liveroll.children().size], [null, 1]);
  }));

Deno.test("what a child left in a session of its own is cleared away before anything is started", () =>
  withLegacy({
    flags: { "stop-timeout": "300ms" },
    behaviour: { offspring: "session" },
  }, async ({ home, child, begin }) => {
    home.workspace.setBehaviour("v1", {});
    const group = inspect(child.pid)!.group;
    Deno.kill(-group, "SIGKILL");
    await ends(child.pid);
    const left = [...home.children().values()].flat().map(({ pid }) => pid);
    assertEquals(left.length, 1);
    const liveroll = begin();
    await liveroll.waitFor("roll.started");
    assertEquals(left.map(inspect), [null]);
    await liveroll.waitFor("roll.succeeded", { id: "v1" });
    assertEquals(liveroll.children().size, 1);
  }));

/** A liveroll that died at the switch to v2, with both versions running, and what becomes of it. */
async function afterTheSwitch(
  meanwhile: (home: Home) => void,
  test: (liveroll: Liveroll, v1: number) => Promise<void>,
  healthTimeout = "15s",
): Promise<void> {
  using home = new Home();
  home.workspace.publish("v1");
  const story = { provoke: (liveroll: Liveroll) => liveroll.offer("v2") };
  await using _ = await dieAt({ step: "switch.intended", when: "after" }, story, home, OUTLIVES);
  const v1 = Number((await ask(home.childPorts[0], "/pid")).text);
  // It would be tried again: it is the newest one.
  home.workspace.setBehaviour("v2", { crash: { code: 1, lastWords: [] } });
  meanwhile(home);
  const flags = { ...OUTLIVES, "health-timeout": healthTimeout, "stop-timeout": "300ms" };
  await using liveroll = new Liveroll({ home, flags });
  await test(liveroll, v1);
}

function signalV2(home: Home, name: Deno.Signal): void {
  const v2 = [...home.children().values()].flat().find(({ env }) => env.LIVEROLL_ID === "v2")!;
  Deno.kill(-v2.group, name);
}

Deno.test("G13 at the switch the new version is adopted, and the old one leaves", () =>
  afterTheSwitch(() => {}, async (liveroll, v1) => {
    await liveroll.waitFor("instance.adopted", ({ instance }) => instance.id === "v2");
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    assertEquals((await liveroll.ask()).text, "v2");
    await ends(v1);
  }));

Deno.test("G13 at the switch the old version is adopted when the new one has died", () =>
  afterTheSwitch((home) => signalV2(home, "SIGKILL"), async (liveroll, v1) => {
    await isAdopted(liveroll, v1);
    await liveroll.waitFor("roll.interrupted", { id: "v2" });
    await liveroll.waitFor("roll.failed", { id: "v2" });
    assertEquals(Number((await liveroll.ask("/pid")).text), v1);
  }));

Deno.test("G13 at the switch the old version is adopted when the new one does not answer", () =>
  afterTheSwitch((home) => signalV2(home, "SIGSTOP"), async (liveroll, v1) => {
    await isAdopted(liveroll, v1);
    const { detail } = await liveroll.waitFor(
      "instance.leftover",
      ({ instance }) => instance.id === "v2",
    );
    assert(detail.includes("not healthy"), detail);
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v2");
  }, "1s"));

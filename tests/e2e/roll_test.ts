import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";

interface Probes {
  count: number;
  url: string;
  host: string;
}

async function probes(liveroll: Liveroll): Promise<Probes> {
  return JSON.parse((await liveroll.ask("/probes")).text);
}

/** The events of rolls and instances, in order, as short words. */
function story(liveroll: Liveroll, since: number): string[] {
  return liveroll.log.lines.slice(since).flatMap(({ event, instance }) => {
    if (event === undefined || !/^(roll|drained|instance)/.test(event)) return [];
    return instance ? [`${event} ${Reflect.get(instance, "id")}`] : [event];
  });
}

/** Told while a roll goes on, in an order that means nothing. */
const BESIDES = ["roll.succeeded", "roll.phase", "roll.phase_ended"];

Deno.test("K02 a healthy first version answers", () =>
  withLiveroll({}, async (liveroll) => {
    const { status, text } = await liveroll.ask();
    assertEquals([status, text], [200, "v1"]);
    assertEquals(liveroll.events("roll.candidate")[0]?.instance.port, liveroll.childPorts[0]);
  }));

Deno.test("K03 the request after a roll is answered by the new version, and none fails meanwhile", () =>
  withLiveroll({}, async (liveroll) => {
    await using load = new Load(liveroll.port, { posts: 1 });
    await load.sees("v1");
    await liveroll.roll("v2");
    assertEquals((await liveroll.ask()).text, "v2");
    await load.sees("v2");
    assertNoneFailed(await load.stop());
  }));

Deno.test("K05 a version whose health fails twice passes with the third probe", () =>
  withLiveroll({}, async (liveroll) => {
    await liveroll.roll("v2", { health: { failFirst: 2 } });
    assertEquals((await probes(liveroll)).count, 3);
    assertEquals(liveroll.events("probe.failed").length >= 2, true);
  }));

Deno.test("K06 a probe that is slower than its limit counts as failed, and the next one is tried", () =>
  withLiveroll(
    { flags: { "health-probe-timeout": "2s", "stop-timeout": "200ms" } },
    async (liveroll) => {
      await liveroll.roll("v2", { health: { hangFirst: 1 } });
      assertEquals((await probes(liveroll)).count, 2);
    },
  ));

Deno.test("K08 probes carry the Host that was asked for", () =>
  withLiveroll({
    flags: { "health-host": "app.example" },
    behaviour: { health: { onlyHost: "app.example" } },
  }, async (liveroll) => {
    assertEquals((await probes(liveroll)).host, "app.example");
    const since = liveroll.offer("v2", { health: { onlyHost: "other.example" } });
    await liveroll.waitFor("probe.failed", ({ detail }) => detail.includes("421"), since);
  }));

Deno.test("K08 without a Host option a probe names the child's address", () =>
  withLiveroll({}, async (liveroll) => {
    assertEquals((await probes(liveroll)).host, `127.0.0.1:${liveroll.childPorts[0]}`);
  }));

Deno.test("K09 another port can be probed, and requests go to the child's own one", () =>
  withLiveroll({ flags: { "health-port-offset": "1" } }, async (liveroll) => {
    const { host } = await probes(liveroll);
    assertEquals(host, `127.0.0.1:${liveroll.childPorts[0] + 1}`);
    await liveroll.roll("v2");
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("K10 B25 a health path without a slash and with a query is asked for as it is meant", () =>
  withLiveroll({ flags: { healthcheck: "healthz?deep=1&x=%20" } }, async (liveroll) => {
    assertEquals((await probes(liveroll)).url, "/healthz?deep=1&x=%20");
  }));

Deno.test("K10 of a full URL as health check the path counts", () =>
  withLiveroll(
    { flags: { healthcheck: "http://app.example:99/healthz?x=1" } },
    async (liveroll) => {
      assertEquals((await probes(liveroll)).url, "/healthz?x=1");
    },
  ));

Deno.test("B27 a health check may answer any status of 200 to 299", () =>
  withLiveroll({ behaviour: { health: { status: 204 } } }, async (liveroll) => {
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("K59 triggers that come together are served one after the other, and the last id wins", () =>
  withLiveroll({}, async (liveroll) => {
    let most = 0;
    liveroll.log.onLine = () => most = Math.max(most, liveroll.children().size);
    const since = liveroll.offer("v2", { startDelayMs: 200 });
    await liveroll.waitFor("roll.started", { to: "v2" }, since);
    liveroll.offer("v3");
    liveroll.offer("v4");
    await liveroll.waitFor("roll.succeeded", { id: "v4" }, since);
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v2", since);
    assertEquals((await liveroll.ask()).text, "v4");
    const passages = story(liveroll, since).filter((word) => /started|succeeded/.test(word));
    const alternating = passages.map((_, n) => n % 2 === 0 ? "roll.started" : "roll.succeeded");
    assertEquals(passages, alternating);
    assert(most <= 2, `${most} children at the same time`);
  }));

Deno.test("B10 a forced update with an equal id replaces the child and leaves exactly one", () =>
  withLiveroll({}, async (liveroll) => {
    const before = (await liveroll.ask("/pid")).text;
    await liveroll.rollAndRetireSame();
    assertNotEquals((await liveroll.ask("/pid")).text, before);
    assertEquals(liveroll.children().size, 1);
    await liveroll.rollAndRetireSame();
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("B11 the old child is not touched before its replacement has proven itself", () =>
  withLiveroll({}, async (liveroll) => {
    for (let round = 0; round < 3; round++) {
      const since = liveroll.log.mark();
      await liveroll.rollAndRetireSame();
      const passage = story(liveroll, since).filter((word) => !BESIDES.includes(word));
      assertEquals(passage, [
        "roll.started",
        "roll.candidate v1",
        "roll.switched v1",
        "drained v1",
        "instance.stopped v1",
      ]);
    }
  }));

Deno.test("B21 once the new version has answered, the old one never does again", () =>
  withLiveroll({}, async (liveroll) => {
    const answers: string[] = [];
    const rolled = liveroll.roll("v2", { startDelayMs: 100 });
    while (answers.filter((version) => version === "v2").length < 20) {
      const batch = await Promise.all([1, 2, 3].map(() => liveroll.ask()));
      answers.push(...batch.map(({ text }) => text).sort());
    }
    await rolled;
    assertEquals(answers, answers.toSorted());
  }));

Deno.test("an unchanged id changes nothing", () =>
  withLiveroll({ flags: { interval: "50ms" } }, async (liveroll) => {
    const since = liveroll.log.mark();
    for (let n = 1; n <= 3; n++) {
      await liveroll.log.waitForLine(
        `check ${n}`,
        () => liveroll.events("check.unchanged", {}, since).length >= n,
      );
    }
    assertEquals(liveroll.events("roll.started").length, 1);
    assertEquals(liveroll.children().size, 1);
  }));

Deno.test("a new id is noticed at the next interval", () =>
  withLiveroll({ flags: { interval: "50ms" } }, async (liveroll) => {
    liveroll.publish("v2");
    await liveroll.waitFor("roll.succeeded", { id: "v2" });
    assertEquals((await liveroll.ask()).text, "v2");
  }));

Deno.test("USR2 replaces the child by another one of the same version, without asking the source", () =>
  withLiveroll({}, async (liveroll) => {
    const before = (await liveroll.ask("/pid")).text;
    liveroll.publish("v2");
    const since = liveroll.log.mark();
    liveroll.signal("SIGUSR2");
    await liveroll.waitFor("roll.succeeded", { id: "v1" }, since);
    const { text, headers } = await liveroll.ask("/pid");
    assertNotEquals(text, before);
    assertEquals(headers.get("x-version"), "v1");
    assertEquals(liveroll.events("check.started", {}, since), []);
  }));

Deno.test("B31c an id that is another one at every check is called out", () =>
  withLiveroll({
    flags: { id: "cat /proc/sys/kernel/random/uuid", interval: "50ms" },
  }, async (liveroll) => {
    const { ids } = await liveroll.waitFor("check.unstable_id");
    assertEquals(new Set(ids).size, ids.length);
  }));

Deno.test("K14 who wants any answer to count says so, and gets a version that never passes its check", () =>
  withLiveroll({ flags: { "health-status": "200-599" } }, async (liveroll) => {
    await liveroll.roll("v2", { health: { status: 500 } });
    assertEquals((await liveroll.ask()).text, "v2");
  }));

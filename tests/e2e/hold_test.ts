import { assert, assertEquals, assertMatch } from "@std/assert";
import { Cli } from "../helpers/cli.ts";
import { type Answer, HttpConnection } from "../helpers/http.ts";
import { Latch } from "../helpers/latch.ts";
import { type Liveroll, withLiveroll } from "../helpers/liveroll.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";

const MESSAGE = 'Back at "5" <b>sharp</b> — ☕';

/** Starts `count` requests and waits until all of them are held. */
async function held(liveroll: Liveroll, cli: Cli, count: number): Promise<Promise<Answer>[]> {
  const asked = Array.from({ length: count }, () => liveroll.ask());
  await cli.until(`${count} held requests`, ({ requests }) => requests.held === count);
  return asked;
}

async function run(cli: Cli, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, stderr } = await cli.run(line);
    assertEquals(code, 0, `${line}: ${stderr}`);
  }
}

/** The message has spaces, which words of a command line have not. */
async function maintain(cli: Cli, message: string): Promise<void> {
  const { code, stderr } = await cli.runWords(["maintenance", "on", "--message", message]);
  assertEquals(code, 0, stderr);
}

async function statuses(asked: readonly Promise<Answer>[]): Promise<string[]> {
  return (await Promise.all(asked)).map(({ status, text }) => `${status} ${text}`);
}

Deno.test("held requests wait, and all of them are answered when they are released", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    let answered = 0;
    const asked = await held(liveroll, cli, 20);
    for (const one of asked) one.then(() => answered++);
    const { state, settings, requests } = await cli.status();
    assertEquals([state, settings.held, requests.held, answered], ["holding", true, 20, 0]);
    assertMatch((await cli.run("status")).stdout, /^settings +requests are held$/m);
    await run(cli, "release");
    assertEquals(await statuses(asked), Array(20).fill("200 v1"));
    assertEquals(
      (await cli.until("none held", ({ requests }) => requests.held === 0)).state,
      "serving",
    );
  }));

Deno.test("a hold under load loses no request", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await using load = new Load(liveroll.port, { posts: 1 });
    await load.sees("v1");
    for (let round = 0; round < 2; round++) {
      await run(cli, "hold");
      await cli.until("held requests", ({ requests }) => requests.held >= 4);
      await run(cli, "release");
      await cli.until("none held", ({ requests }) => requests.held === 0);
    }
    assertNoneFailed(await load.stop());
  }));

Deno.test("requests in flight when a hold begins are finished", () =>
  withLiveroll({}, async (liveroll) => {
    using latch = new Latch();
    const cli = new Cli(liveroll.home);
    const asked = liveroll.ask(latch.path());
    const inFlight = await latch.arrival();
    await run(cli, "hold");
    const [later] = await held(liveroll, cli, 1);
    inFlight.release();
    assertEquals((await asked).text, "v1");
    assertEquals((await cli.status()).requests.held, 1);
    await run(cli, "release");
    assertEquals((await later)?.status, 200);
  }));

Deno.test("who waits longer than --queue-timeout is answered 503, and told when to come back", () =>
  withLiveroll({ flags: { "queue-timeout": "300ms" } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const { status, text, headers } = await liveroll.ask();
    assertEquals([status, headers.get("retry-after")], [503, "1"]);
    assertMatch(text, /^503 Service Unavailable\n\S.*\n$/);
    const json = await liveroll.ask("/", { headers: { accept: "application/json" } });
    assertEquals([json.status, JSON.parse(json.text).status], [503, 503]);
    await run(cli, "release");
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("no more than --queue-limit requests wait, further ones are answered 503 at once", () =>
  withLiveroll({ flags: { "queue-limit": "3", "queue-timeout": "1h" } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const asked = await held(liveroll, cli, 3);
    assertEquals((await liveroll.ask()).status, 503);
    assertEquals((await cli.status()).requests.held, 3);
    await run(cli, "release");
    assertEquals(await statuses(asked), Array(3).fill("200 v1"));
  }));

Deno.test("who does not want to wait any more is not sent to the application", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const gone = await HttpConnection.connect(liveroll.port);
    await gone.send("/tally?name=gone");
    await cli.until("one held request", ({ requests }) => requests.held === 1);
    gone.close();
    await cli.until("none held", ({ requests }) => requests.held === 0);
    await run(cli, "release");
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals(liveroll.workspace.tally("gone"), []);
  }));

Deno.test("while requests are held, a balancer in front is told that all is well", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    for (const line of ["hold", "maintenance on"]) {
      await run(cli, line);
      for (const method of ["GET", "HEAD"]) {
        assertEquals((await liveroll.ask("/healthz", { method })).status, 200, `${line} ${method}`);
      }
      await run(cli, line === "hold" ? "release" : "maintenance off");
    }
  }));

Deno.test("a roll during a hold: what has waited is answered by the new version", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const asked = await held(liveroll, cli, 10);
    liveroll.publish("v2");
    await run(cli, "update");
    await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "v1");
    const { state, current, requests } = await cli.status();
    assertEquals([state, current?.id, requests.held], ["holding", "v2", 10]);
    await run(cli, "release");
    assertEquals(await statuses(asked), Array(10).fill("200 v2"));
  }));

Deno.test("a version that is refused during a hold changes nothing", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const asked = await held(liveroll, cli, 3);
    liveroll.publish("v2", { crash: { code: 3, lastWords: [] } });
    assertEquals((await cli.run("update")).code, 1);
    await run(cli, "release");
    assertEquals(await statuses(asked), Array(3).fill("200 v1"));
  }));

Deno.test("a crash during a hold is healed before the release", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const asked = await held(liveroll, cli, 3);
    const { instance } = await liveroll.waitFor("roll.switched");
    const since = liveroll.log.mark();
    Deno.kill(instance.pid, "SIGKILL");
    await liveroll.waitFor("roll.succeeded", {}, since);
    assertEquals((await cli.status()).state, "holding");
    await run(cli, "release");
    assertEquals(await statuses(asked), Array(3).fill("200 v1"));
  }));

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`a hold is still there after liveroll was ended by ${signal} and started again`, () =>
    withLiveroll({}, async (first) => {
      await run(new Cli(first.home), "hold");
      first.signal(signal);
      await first.end();
      await withLiveroll({ home: first.home }, async (liveroll) => {
        const cli = new Cli(liveroll.home);
        const { state, settings } = await cli.status();
        assertEquals([state, settings.held], ["holding", true]);
        const asked = await held(liveroll, cli, 5);
        await run(cli, "release");
        assertEquals(await statuses(asked), Array(5).fill("200 v1"));
      });
      await withLiveroll({ home: first.home }, async (liveroll) => {
        assertEquals((await liveroll.ask()).text, "v1");
      });
    }));
}

Deno.test("liveroll stops at once although requests are held, and tells them so", () =>
  withLiveroll({ flags: { "queue-timeout": "1h", "drain-timeout": "1h" } }, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await run(cli, "hold");
    const asked = await held(liveroll, cli, 3);
    assertEquals((await liveroll.stop()).code, 0);
    for (const { status } of await Promise.all(asked)) assertEquals(status, 503);
  }));

Deno.test("maintenance answers every request with its message, until it is off", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    await maintain(cli, MESSAGE);
    for (const method of ["GET", "POST", "DELETE"]) {
      const body = method === "POST" ? "hello" : "";
      const { status, text, headers } = await liveroll.ask("/anything", { method, body });
      assertEquals([status, headers.get("retry-after")], [503, "1"], method);
      assertEquals(text, `503 Service Unavailable\n${MESSAGE}\n`);
      assertEquals(headers.get("cache-control"), "no-store");
    }
    const html = await liveroll.ask("/", { headers: { accept: "text/html" } });
    assert(html.text.includes("&lt;b&gt;sharp&lt;/b&gt;"), html.text);
    const json = await liveroll.ask("/", { headers: { accept: "application/json" } });
    assertEquals(JSON.parse(json.text).detail, MESSAGE);
    const { settings, current } = await cli.status();
    assertEquals([settings.maintenance, current?.id], [MESSAGE, "v1"]);
    assert((await cli.run("status")).stdout.includes(`maintenance: ${MESSAGE}`));
    await run(cli, "maintenance off");
    assertEquals((await liveroll.ask()).text, "v1");
    assertEquals((await cli.status()).settings.maintenance, null);
  }));

Deno.test("a message cannot end its answer and begin another one", () =>
  withLiveroll({}, async (liveroll) => {
    const cli = new Cli(liveroll.home);
    const message = "soon\r\n\r\nHTTP/1.1 200 OK\r\nset-cookie: a=b\r\n\r\n";
    await maintain(cli, message);
    const { status, headers, text } = await liveroll.ask();
    assertEquals([status, headers.get("set-cookie")], [503, null]);
    assert(text.includes("soon"), text);
  }));

Deno.test("requests in flight when maintenance begins are finished, and those that wait are told", () =>
  withLiveroll({}, async (liveroll) => {
    using latch = new Latch();
    const cli = new Cli(liveroll.home);
    const asked = liveroll.ask(latch.path());
    const inFlight = await latch.arrival();
    await run(cli, "hold");
    const waiting = await held(liveroll, cli, 3);
    await run(cli, "maintenance on --message Later");
    assertEquals(await statuses(waiting), Array(3).fill("503 503 Service Unavailable\nLater\n"));
    inFlight.release();
    assertEquals((await asked).text, "v1");
    // Maintenance is more than a hold: neither ends the other.
    const released = await cli.run("release");
    assertEquals(released.stdout, "requests are not held any more, but maintenance is on\n");
    assertEquals((await liveroll.ask()).status, 503);
    await run(cli, "maintenance off");
    assertEquals((await liveroll.ask()).text, "v1");
  }));

Deno.test("maintenance goes on when liveroll is started again, and versions are rolled to meanwhile", () =>
  withLiveroll({}, async (first) => {
    await maintain(new Cli(first.home), MESSAGE);
    await first.stop();
    await withLiveroll({ home: first.home }, async (liveroll) => {
      const cli = new Cli(liveroll.home);
      assertEquals((await liveroll.ask()).text, `503 Service Unavailable\n${MESSAGE}\n`);
      liveroll.publish("v2");
      await run(cli, "update", "maintenance off");
      assertEquals((await liveroll.ask()).text, "v2");
    });
  }));

import { assert, assertEquals, assertGreater } from "@std/assert";
import { HttpConnection } from "../helpers/http.ts";
import { Latch } from "../helpers/latch.ts";
import { type Liveroll, withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { isFree } from "../helpers/ports.ts";

/** A pull that hangs, but only after a version serves. */
const HANG_LATER = 'test ! -e "$TOY_DIR/hang" || { echo pulling; sleep 1000; true; }';

function hangPulls(liveroll: Liveroll): void {
  Deno.writeTextFileSync(`${liveroll.workspace.dir}/hang`, "");
}

Deno.test("K01 requests before the first version serves are held, then answered", () =>
  withStarting({ behaviour: { startDelayMs: 500 } }, async (liveroll) => {
    await liveroll.waitFor("check.started");
    const answers = await Promise.all(Array.from({ length: 10 }, () => liveroll.ask()));
    assertEquals(answers.map(({ status, text }) => `${status} ${text}`), Array(10).fill("200 v1"));
  }));

Deno.test("K01 B32 requests that are held too long get 503 with Retry-After", () =>
  withStarting({
    flags: { "queue-timeout": "200ms" },
    behaviour: { health: { status: 500 } },
  }, async (liveroll) => {
    await liveroll.waitFor("check.started");
    const { status, headers } = await liveroll.ask();
    assertEquals(status, 503);
    assertGreater(Number(headers.get("retry-after")), 0);
  }));

for (const name of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`B12 ${name} ends everything in order: requests, child, liveroll, status 0`, () =>
    withLiveroll({}, async (liveroll) => {
      using latch = new Latch();
      const asked = liveroll.ask(latch.path());
      const held = await latch.arrival();
      liveroll.signal(name);
      await liveroll.waitFor("state", { state: "stopping" });
      await liveroll.waitUntilClosed();
      assert(!liveroll.log.dump().includes("toy v1 got TERM"));
      held.release();
      assertEquals((await asked).text, "v1");
      assertEquals(await liveroll.end(), { code: 0, signal: null });
      assert(liveroll.log.dump().includes("toy v1 got TERM"));
      liveroll.assertNoOrphans();
      assert(isFree(liveroll.port));
    }));
}

Deno.test("B12 requests that never end do not keep liveroll from ending", () =>
  withLiveroll({
    flags: { "drain-timeout": "200ms", "stop-timeout": "300ms" },
  }, async (liveroll) => {
    using latch = new Latch();
    const asked = liveroll.ask(latch.path()).then(({ status }) => status, () => "cut");
    await latch.arrival();
    assertEquals((await liveroll.stop()).code, 0);
    assert([504, 503, "cut"].includes(await asked));
    liveroll.assertNoOrphans();
  }));

Deno.test("B13 a candidate in the gate is ended too", () =>
  withLiveroll({ flags: { "health-timeout": "1h" } }, async (liveroll) => {
    const since = liveroll.offer("v2", { health: { hangFirst: -1 } });
    await liveroll.waitFor("roll.candidate", {}, since);
    await liveroll.waitForText("toy v2 ready", since);
    assertEquals(await liveroll.stop(), { code: 0, signal: null });
    assert(liveroll.log.dump().includes("toy v2 got TERM"));
    liveroll.assertNoOrphans();
  }));

Deno.test("B14 B31 TERM is obeyed while a pull hangs, and nothing of the pull is left", () =>
  withLiveroll({ flags: { pull: HANG_LATER, "pull-timeout": "1h" } }, async (liveroll) => {
    hangPulls(liveroll);
    liveroll.signal("SIGHUP");
    await liveroll.waitForText("pulling");
    assertEquals(await liveroll.stop(), { code: 0, signal: null });
    liveroll.assertNoOrphans();
  }));

Deno.test("B14 signals are heard while a pull hangs: HUP is remembered, TERM still ends it", () =>
  withStarting({
    version: null,
    flags: { pull: "echo pulling; sleep 1000", "pull-timeout": "1h" },
  }, async (liveroll) => {
    await liveroll.waitForText("pulling");
    for (let n = 0; n < 5; n++) liveroll.signal("SIGHUP");
    assertEquals(await liveroll.stop(), { code: 0, signal: null });
    assertEquals(liveroll.events("check.started").length, 1);
    liveroll.assertNoOrphans();
  }));

Deno.test("a second TERM does not wait for a child that ignores the first", () =>
  withLiveroll({
    flags: { "stop-timeout": "1h" },
    behaviour: { onTerm: "ignore" },
  }, async (liveroll) => {
    liveroll.signal("SIGTERM");
    await liveroll.waitForText("toy v1 got TERM");
    liveroll.signal("SIGTERM");
    await liveroll.end();
    liveroll.assertNoOrphans();
  }));

Deno.test("a second TERM does not wait for requests", () =>
  withLiveroll({ flags: { "drain-timeout": "1h" } }, async (liveroll) => {
    using latch = new Latch();
    const asked = liveroll.ask(latch.path(), { timeoutMs: 120_000 }).then(
      ({ status }) => status,
      () => "cut",
    );
    await latch.arrival();
    liveroll.signal("SIGTERM");
    await liveroll.waitFor("state", { state: "stopping" });
    liveroll.signal("SIGTERM");
    await liveroll.end();
    await asked;
    liveroll.assertNoOrphans();
  }));

Deno.test("a child that ignores TERM is killed at the stop limit, and liveroll ends with 0", () =>
  withLiveroll({
    flags: { "stop-timeout": "300ms" },
    behaviour: { onTerm: "ignore" },
  }, async (liveroll) => {
    assertEquals(await liveroll.stop(), { code: 0, signal: null });
    liveroll.assertNoOrphans();
  }));

Deno.test("B31b Ctrl-C reaches the child as one orderly TERM, not as the terminal's INT", () =>
  withLiveroll({}, async (liveroll) => {
    // What a terminal does: INT to the whole foreground process group.
    Deno.kill(-liveroll.pid, "SIGINT");
    assertEquals(await liveroll.end(), { code: 0, signal: null });
    const told = liveroll.log.lines.filter(({ message }) => message === "toy v1 got TERM");
    assertEquals(told.length, 1);
    liveroll.assertNoOrphans();
  }));

Deno.test("B09 a compound command leaves no orphan, neither after a roll nor at the end", () =>
  withLiveroll({ flags: { exec: compound() } }, async (liveroll) => {
    await liveroll.rollAndRetire("v2");
    assertEquals(liveroll.children().size, 1);
    assertEquals(await liveroll.stop(), { code: 0, signal: null });
    liveroll.assertNoOrphans();
  }));

function compound(): string {
  const app = new URL("../apps/python/app.py", import.meta.url).pathname;
  return `cd / && (sleep 1000 & python3 '${app}'; true); true`;
}

for (const offspring of ["group", "session"] as const) {
  Deno.test(`B09 a process that the child started in its own ${offspring} ends with it`, () =>
    withLiveroll({
      flags: { "stop-timeout": "300ms" },
      behaviour: { offspring },
    }, async (liveroll) => {
      await liveroll.rollAndRetire("v2", { offspring });
      assertEquals(liveroll.children().size, 1);
      assertEquals(await liveroll.stop(), { code: 0, signal: null });
      liveroll.assertNoOrphans();
    }));
}

Deno.test("a child gets its port, id and health path, and nothing that belongs to liveroll", () =>
  withLiveroll({
    env: {
      NOTIFY_SOCKET: "/nonexistent/notify",
      WATCHDOG_USEC: "3600000000",
      LISTEN_FDS: "1",
      LISTEN_PID: "1",
      LIVEROLL_QUEUE_LIMIT: "77",
      GREETING: "hello",
    },
  }, async (liveroll) => {
    const env = JSON.parse((await liveroll.ask("/env")).text);
    const [port] = liveroll.childPorts;
    assertEquals(env.PORT, `${port}`);
    assertEquals(env.LIVEROLL_PORT, `${port}`);
    assertEquals(env.LIVEROLL_ID, "v1");
    assertEquals(env.LIVEROLL_HEALTHCHECK, "/healthz");
    assertEquals(env.GREETING, "hello");
    for (
      const name of [
        "NOTIFY_SOCKET",
        "WATCHDOG_USEC",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LIVEROLL_QUEUE_LIMIT",
      ]
    ) assertEquals(env[name], undefined, name);
  }));

Deno.test("B47 what a child prints is logged line by line, with the child's name", () =>
  withLiveroll({}, async (liveroll) => {
    const line = await liveroll.waitForText("toy v1 ready");
    assertEquals([line.logger, line.id, line.port], ["child", "v1", liveroll.childPorts[0]]);
    assertEquals(line.message, `toy v1 ready on ${line.port}`);
  }));

Deno.test("with inherited output a child's lines come out untouched", () =>
  withLiveroll({ flags: { "child-logs": "inherit" } }, async (liveroll) => {
    const line = await liveroll.waitForText("toy v1 ready");
    assertEquals(line.text, `toy v1 ready on ${liveroll.childPorts[0]}`);
  }));

Deno.test("templates in --exec become the port, the health path and the id, the last quoted for the shell", async () => {
  const id = `it's; $(touch pwned) "v1" & <<PORT>>`;
  const app = new URL("../apps/deno/app.ts", import.meta.url).pathname;
  const deno = `'${Deno.execPath()}' run -A --no-config --no-lock '${app}'`;
  await withLiveroll({
    version: id,
    flags: { exec: `${deno} <<PORT>> "<<HEALTHCHECK>>" <<ID>> end`, healthcheck: "/healthz?a=1&b" },
  }, async (liveroll) => {
    const args = JSON.parse((await liveroll.ask("/args")).text);
    const [port] = liveroll.childPorts;
    assertEquals(args, [`${port}`, "/healthz?a=1&b", id, "end"]);
  });
});

Deno.test("--stop runs in place of the signal, with the templates of the child that it stops", () =>
  withLiveroll({
    flags: {
      stop: 'echo "<<PORT>> <<ID>>" >> "$TOY_DIR/stopped"; kill $(cat "$TOY_DIR/pid-<<PORT>>")',
      exec: `echo $$ > "$TOY_DIR/pid-<<PORT>>"; exec ${denoApp()}`,
    },
  }, async (liveroll) => {
    const [first, second] = liveroll.childPorts;
    await liveroll.rollAndRetire("v2");
    assertEquals((await liveroll.stop()).code, 0);
    const stopped = Deno.readTextFileSync(`${liveroll.workspace.dir}/stopped`);
    assertEquals(stopped, `${first} v1\n${second} v2\n`);
    liveroll.assertNoOrphans();
  }));

function denoApp(): string {
  const app = new URL("../apps/deno/app.ts", import.meta.url).pathname;
  return `'${Deno.execPath()}' run -A --no-config --no-lock '${app}'`;
}

Deno.test("the stop signal can be chosen", () =>
  withLiveroll({
    flags: { "stop-signal": "INT", "stop-timeout": "1h" },
    behaviour: { onTerm: "ignore" },
  }, async (liveroll) => {
    assertEquals(await liveroll.stop(), { code: 0, signal: null });
    assert(!liveroll.log.dump().includes("toy v1 got TERM"));
  }));

Deno.test("B12 the last request of a keep-alive client is answered before its connection ends", () =>
  withLiveroll({}, async (liveroll) => {
    using latch = new Latch();
    using connection = await HttpConnection.connect(liveroll.port);
    assertEquals((await connection.ask("/")).text, "v1");
    const asked = connection.ask(latch.path());
    const held = await latch.arrival();
    liveroll.signal("SIGTERM");
    await liveroll.waitFor("state", { state: "stopping" });
    await liveroll.waitUntilClosed();
    held.release();
    assertEquals((await asked).text, "v1");
    assertEquals((await liveroll.end()).code, 0);
    assertEquals(await connection.read(), null);
  }));

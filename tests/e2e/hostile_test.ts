import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withLiveroll, withStarting } from "../helpers/liveroll.ts";
import { limitFiles, openFiles } from "../helpers/proc.ts";
import { linux, needs, program } from "../helpers/skip.ts";
import { poll } from "../../src/platform/poll.ts";

Deno.test("B12 Ctrl-\\ (QUIT) ends everything in order, as TERM does", () =>
  withLiveroll({}, async (liveroll) => {
    assertEquals(await liveroll.stop("SIGQUIT"), { code: 0, signal: null });
    assertStringIncludes(liveroll.log.dump(), "toy v1 got TERM");
    liveroll.assertNoOrphans();
  }));

Deno.test("B23 a child host that is not of this machine is refused with status 2", () =>
  // The address is set aside for documentation: no machine has it.
  withStarting({ flags: { "child-host": "192.0.2.1", pull: "echo SPAWNED" } }, async (liveroll) => {
    assertEquals((await liveroll.end()).code, 2);
    await liveroll.finished;
    const output = liveroll.log.dump();
    assertStringIncludes(output, "is 192.0.2.1 an address of this machine?");
    assert(!output.includes("SPAWNED"), output);
  }));

Deno.test("commands and children inherit none of liveroll's sockets", () =>
  withLiveroll({
    flags: {
      pull: "echo PULL $(ls -l /proc/self/fd | grep -c socket:)",
      exec: `echo EXEC $(ls -l /proc/self/fd | grep -c socket:); ${toy()}`,
    },
  }, async (liveroll) => {
    await liveroll.rollAndRetireSame();
    const counts = liveroll.log.lines.map(({ message }) => `${message}`)
      .filter((message) => /^(PULL|EXEC) /.test(message));
    assertEquals(counts, ["PULL 0", "EXEC 0", "PULL 0", "EXEC 0"]);
  }));

Deno.test("a hundred SIGHUPs in one go are one or two updates, and leave one child", () =>
  withLiveroll({}, async (liveroll) => {
    const since = liveroll.log.mark();
    for (let n = 0; n < 100; n++) liveroll.signal("SIGHUP");
    await liveroll.waitFor("instance.stopped", {}, since);
    liveroll.publish("v2");
    await liveroll.roll("v2");
    await liveroll.waitFor("instance.stopped", () => liveroll.children().size === 1, since);
    const forced = liveroll.events("check.started", { trigger: "forced" }, since);
    assert(forced.length <= 4, `${forced.length} checks`);
    assertEquals((await liveroll.stop()).code, 0);
    liveroll.assertNoOrphans();
  }));

function toy(): string {
  const app = new URL("../apps/deno/app.ts", import.meta.url).pathname;
  return `exec '${Deno.execPath()}' run -A --no-config --no-lock '${app}'`;
}

Deno.test({
  name: "67 out of file descriptors: the listener is there again when some are free",
  ...needs(linux(), program("prlimit")),
  fn: () =>
    withLiveroll({}, async (liveroll) => {
      const since = liveroll.log.mark();
      limitFiles(liveroll.pid, openFiles(liveroll.pid) + 5);
      const clients: Deno.Conn[] = [];
      try {
        while (clients.length < 20) clients.push(await connect(liveroll.port));
      } catch {
        // Refused: it has given up listening.
      }
      await liveroll.waitForText("Too many open files", since);
      for (const client of clients) client.close();
      const isBack = () => liveroll.ask().then(({ text }) => text === "v1", () => false);
      assert(await poll(isBack, { timeoutMs: 10_000 }));
    }),
});

function connect(port: number): Promise<Deno.Conn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

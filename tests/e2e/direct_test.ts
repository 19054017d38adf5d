import { assertEquals, assertStringIncludes } from "@std/assert";
import { buildGoApp, DIRECT_COMMANDS } from "../helpers/direct_app.ts";
import {
  assertNoLeaks,
  assertNothingIsLost,
  directFlags,
  type HangEnd,
  withDirect,
} from "../helpers/direct.ts";
import { foreignFunctions } from "../helpers/handover.ts";
import { ask } from "../helpers/http.ts";
import { withHome } from "../helpers/lives.ts";
import { assertNoneFailed, Load } from "../helpers/load.ts";
import { linux, needs, program, root } from "../helpers/skip.ts";
import { verb } from "../helpers/verbs.ts";

const LAUNCHER = new URL("../apps/handover/launch.py", import.meta.url).pathname;
const NOTIFY = { healthcheck: "notify" };
const { python: PYTHON, deno: DENO } = DIRECT_COMMANDS;

const ASK_PRIVATELY = "import os, socket; socket.socket(socket.AF_UNIX).connect(" +
  `"{TOY_DIR}/health-{PORT}".format(**os.environ))`;

/** With every row, not only those of {@linkcode QUICK}; `deno task soak --direct` asks for it. */
const IS_WHOLE = Deno.env.has("SOAK_DIRECT");

const LANGUAGES = [["python", "python3"], ["node", "node"], ["deno", "sh"], ["go", "go"]] as const;
const PROTOCOLS = ["server-starter", "systemd"] as const;

/**
 * Each language that need not be compiled first, both protocols; to wait for a version that hangs,
 * one is enough.
 */
const QUICK: Readonly<Record<string, HangEnd>> = {
  "python server-starter": "times_out",
  "node systemd": "is_skipped",
  "deno server-starter": "is_skipped",
};

for (const [language, binary] of LANGUAGES) {
  for (const protocol of PROTOCOLS) {
    const hangEnd = IS_WHOLE ? "times_out" : QUICK[`${language} ${protocol}`];
    if (hangEnd === undefined) continue;
    Deno.test({
      name: `direct: bad versions in ${language} lose nothing, told by ${protocol}`,
      ...needs(foreignFunctions(), program(binary)),
      async fn() {
        const dir = Deno.makeTempDirSync({ prefix: "liveroll-direct-" });
        try {
          const exec = language === "go" ? await buildGoApp(dir) : DIRECT_COMMANDS[language];
          const flags = language === "python" ? NOTIFY : {};
          await assertNothingIsLost({ exec, protocol, flags }, hangEnd);
        } finally {
          Deno.removeSync(dir, { recursive: true });
        }
      },
    });
  }
}

for (const protocol of PROTOCOLS) {
  Deno.test({
    name: `direct: several ports, each with its own socket, told by ${protocol}`,
    ...needs(foreignFunctions(), program("python3"), program("bash")),
    fn: () =>
      withHome(async (home, begin) => {
        const ports = [home.port, home.sparePort];
        const flags = { ...directFlags({ exec: PYTHON, protocol }), ...NOTIFY };
        const liveroll = begin({ flags: { ...flags, port: ports.join() } });
        await liveroll.waitFor("roll.succeeded");
        await using first = new Load(home.port, { keepAlive: 0, fresh: 1 });
        await using second = new Load(home.sparePort, { keepAlive: 0, fresh: 1 });
        await liveroll.rollAndRetire("v2");
        await Promise.all([first.sees("v2"), second.sees("v2")]);
        const answers = await Promise.all(ports.map((port) => ask(port, "/")));
        const names = ports.map((port) =>
          protocol === "systemd" ? `port-${port}` : `127.0.0.1:${port}`
        );
        assertEquals(answers.map(({ headers }) => headers.get("x-socket")), names);
        assertNoLeaks(liveroll, ports.length);
        for (const load of [first, second]) assertNoneFailed(await load.stop());
      }),
  });
}

Deno.test({
  name: "direct: while a crashed child is healed connections wait, and are answered",
  ...needs(foreignFunctions()),
  fn: () =>
    withDirect({ exec: DENO, protocol: "server-starter" }, async (liveroll) => {
      const since = liveroll.log.mark();
      const [[{ pid = 0 } = {}] = []] = liveroll.children().values();
      Deno.kill(pid, "SIGKILL");
      await liveroll.waitFor("instance.exited", {}, since);
      const answers = await Promise.all(Array.from({ length: 20 }, () => liveroll.ask()));
      assertEquals(
        new Set(answers.map(({ status, text }) => `${status} ${text}`)),
        new Set(["200 v1"]),
      );
      await liveroll.waitFor("roll.succeeded", {}, since);
    }),
});

for (const keepWarm of ["60s", "0s"]) {
  Deno.test({
    name: `direct: a new version that dies while it is watched gives way to the one before ` +
      `(--keep-warm ${keepWarm})`,
    ...needs(foreignFunctions(), program("python3")),
    fn: () =>
      withDirect({
        exec: PYTHON,
        protocol: "systemd",
        flags: { healthcheck: "timer:300ms", "min-healthy": "60s", "keep-warm": keepWarm },
      }, async (liveroll) => {
        await using load = new Load(liveroll.port, { keepAlive: 0, fresh: 2 });
        const since = liveroll.offer("v2");
        const { instance: { pid } } = await liveroll.waitFor("roll.switched", {}, since);
        await load.sees("v2");
        if (keepWarm === "0s") await liveroll.waitFor("instance.stopped", {}, since);
        // It answers what it has accepted.
        Deno.kill(-pid, "SIGTERM");
        await liveroll.waitFor("roll.switched", ({ instance }) => instance.id === "v1", since);
        assertEquals((await liveroll.ask()).text, "v1");
        assertNoneFailed(await load.stop());
      }),
  });
}

Deno.test({
  name: "direct: a private unix socket tells whether a child is well",
  ...needs(foreignFunctions(), program("python3")),
  fn: () => {
    const flags = { healthcheck: `exec:python3 -c '${ASK_PRIVATELY}'` };
    return withDirect({ exec: PYTHON, protocol: "server-starter", flags }, async (liveroll) => {
      const since = liveroll.offer("hangs");
      await liveroll.waitFor("probe.failed", ({ instance }) => instance.id === "hangs", since);
      using client = liveroll.home.client();
      await client.set({ kind: "skip", id: "hangs" });
      await liveroll.waitFor("roll.skipped", { id: "hangs" }, since);
      await liveroll.waitFor("instance.stopped", ({ instance }) => instance.id === "hangs", since);
      await liveroll.rollAndRetire("v2");
      assertEquals((await liveroll.ask()).text, "v2");
    });
  },
});

Deno.test({
  name: "direct: without foreign functions a socket of the service manager is passed on",
  ...needs(linux(), program("python3"), program("bash")),
  fn: () =>
    withHome(async (home, begin) => {
      const denying = ["bash", "-c", `exec "$0" "$1" --deny-ffi "\${@:2}"`];
      const launcher = ["python3", LAUNCHER, `${home.port}`, ...denying];
      const flags = { ...directFlags({ exec: PYTHON, protocol: "systemd" }), ...NOTIFY };
      const liveroll = begin({ launcher, flags });
      await liveroll.waitFor("roll.succeeded");
      await using load = new Load(home.port, { keepAlive: 0, fresh: 2 });
      await load.sees("v1");
      await liveroll.rollAndRetire("v2");
      await load.sees("v2");
      assertNoneFailed(await load.stop());
      const doctor = await verb(home.stateDir, "doctor");
      assertStringIncludes(doctor.stdout, "every command that liveroll runs has it");
    }),
});

for (const logs of ["inherit", "capture"] as const) {
  Deno.test({
    name: `direct: the next liveroll takes the socket from children of a killed one (${logs})`,
    ...needs(foreignFunctions(), program("python3"), root()),
    fn: () =>
      withHome(async (home, begin) => {
        const flags = { ...directFlags({ exec: PYTHON, protocol: "server-starter" }), ...NOTIFY };
        const killed = begin({ flags: { ...flags, "child-logs": logs } });
        await killed.waitFor("roll.succeeded");
        await using load = new Load(home.port, { keepAlive: 0, fresh: 2 });
        await load.sees("v1");
        await killed.stop("SIGKILL");
        const liveroll = begin({ flags: { ...flags, "child-logs": logs } });
        if (logs === "inherit") await liveroll.takesUp();
        else await liveroll.waitFor("roll.succeeded");
        await liveroll.roll("v2");
        await load.sees("v2");
        assertNoneFailed(await load.stop());
      }),
  });
}

Deno.test({
  name: "direct: with --strategy recreate connections wait while nobody runs",
  ...needs(foreignFunctions(), program("python3")),
  fn: () => {
    const flags = { ...NOTIFY, strategy: "recreate" };
    return withDirect({ exec: PYTHON, protocol: "server-starter", flags }, async (liveroll) => {
      await using load = new Load(liveroll.port, { keepAlive: 0, fresh: 2 });
      await load.sees("v1");
      await liveroll.roll("v2");
      await load.sees("v2");
      assertNoneFailed(await load.stop());
    });
  },
});

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { bundle } from "../../scripts/build.ts";
import { unitFile } from "../../src/handover/unit_file.ts";
import { bootMachine, type Machine, nspawnWorks } from "../helpers/nspawn.ts";
import { needs } from "../helpers/skip.ts";

const nspawn = await nspawnWorks();

const APP = `
const version = Deno.readTextFileSync("/srv/version").trim();
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, async (request) => {
  if (new URL(request.url).pathname !== "/slow") return new Response(version);
  Deno.writeTextFileSync("/srv/slow-began", "");
  for (;;) {
    if (Deno.statSync("/srv").isDirectory && exists("/srv/release")) return new Response("whole");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
function exists(path) {
  try { Deno.statSync(path); return true; } catch { return false; }
}
`;

const FLAGS = [
  "--pull=true",
  "--id=cat /srv/version",
  "--exec=exec deno run -A --quiet --no-config /srv/app.js <<PORT>>",
  "--healthcheck=/",
  "--interval=1h",
  "--port=8080",
];

const STATUS = "systemctl show -P StatusText liveroll";
const MAIN_PID = "systemctl show -P MainPID liveroll";
// By a whole argument: the command line of liveroll itself mentions the program, too.
const CHILDREN = "grep -lszx '/srv/app[.]js' /proc/[0-9]*/cmdline | wc -l";

const CHILD_PID = "grep -lszx '/srv/app[.]js' /proc/[0-9]*/cmdline";

Deno.test({
  name: "under a real systemd: ready, status, reload, watchdog, and a stop that drains",
  ...needs(nspawn),
  fn: async (t) => {
    await using service = await installService(FLAGS, "WatchdogSec=3s");
    const { machine } = service;
    await t.step("start returns when the first version serves", () => startServes(machine));
    await t.step("a reload rolls to the next version", () => reloadRolls(machine));
    await t.step("a refused version shows in the status", () => refusedShows(machine));
    await t.step("a frozen main process is replaced", () => watchdogReplaces(machine));
    await t.step("a stop drains and leaves nothing", () => stopDrains(machine));
    await t.step("a socket of systemd is used", () => socketActivates(machine));
    await t.step(
      "a reload upgrades: another process, the same child",
      () => reloadUpgrades(machine),
    );
    await t.step("after SIGKILL the next one has socket and child", () => killKeepsSocket(machine));
    await t.step("a stop after an upgrade drains, too", () => stopsAfterUpgrade(machine));
  },
});

Deno.test({
  name: "a registry that is slow and down at boot does not get the service killed",
  ...needs(nspawn),
  fn: async () => {
    const flags = ["--pull=sleep 3; echo no route to registry >&2; exit 7", ...FLAGS.slice(1)];
    await using service = await installService(flags, "TimeoutStartSec=1s");
    const { machine } = service;
    await succeeds(machine, "systemctl start liveroll");
    await machine.until(STATUS, /^nothing serves yet; last check failed: .*7.*$/);
    assertEquals(await succeeds(machine, "systemctl show -P NRestarts liveroll"), "0");
    assertEquals(await succeeds(machine, "systemctl is-active liveroll"), "active");
  },
});

Deno.test({
  name: "systemd reads every quoted argument as it was meant",
  ...needs(nspawn),
  fn: async () => {
    const args = [
      "plain",
      "",
      "two words",
      `a 'single' and a "double" quote`,
      "100% %i %% %n",
      "$HOME ${HOME} $$ $",
      "C:\\path\\new\\\\x",
      "line\nbreak\ttab\rreturn \u0001\u007f",
      ";",
      "# no comment",
      "größe 版本 🚀",
      "ends with a backslash \\",
      "--exec=docker run --rm -p 127.0.0.1:<<PORT>>:8080 'a b' && echo \"$X\"",
    ];
    await using machine = await bootMachine();
    await machine.write("/srv/say args", `#!/bin/sh\nprintf '%s\\0' "$@" > /srv/args\n`, "755");
    const description = "tells %n what it was given";
    const text = unitFile({ description, execPath: "/srv/say args", args, stopLimitMs: 1_000 });
    await machine.write("/etc/systemd/system/say.service", text);
    await machine.write(
      "/etc/systemd/system/say.service.d/once.conf",
      "[Service]\nType=exec\nRestart=no\nWatchdogSec=0\n",
    );
    await succeeds(machine, "systemctl daemon-reload && systemctl start say");
    await machine.until("systemctl show -P ActiveState say", /^(inactive|failed)$/);
    assertEquals(await succeeds(machine, "systemctl show -P Description say"), description);
    assertEquals((await machine.run("cat /srv/args")).stdout, args.map((a) => `${a}\0`).join(""));
  },
});

/** A machine with liveroll installed as a service, by the unit that it prints for itself. */
async function installService(flags: readonly string[], override: string) {
  await using parts = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "liveroll-bundle-" });
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  const binds = {
    "/usr/local/bin/deno": Deno.execPath(),
    "/usr/local/bin/liveroll": await bundle(directory),
  };
  const machine = parts.use(await bootMachine({ binds }));
  await machine.write("/srv/app.js", APP);
  await machine.write("/srv/version", "v1\n");
  const words = flags.map((flag) => `'${flag}'`).join(" ");
  await succeeds(machine, `liveroll unit ${words} > /etc/systemd/system/liveroll.service`);
  const verified = await machine.run("systemd-analyze verify --man=no liveroll.service");
  assertEquals(verified.stderr, "");
  const dropIn = "/etc/systemd/system/liveroll.service.d/impatient.conf";
  await machine.write(dropIn, `[Service]\n${override}\n`);
  await succeeds(machine, "systemctl daemon-reload");
  const owned = parts.move();
  return { machine, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function startServes(machine: Machine): Promise<void> {
  await succeeds(machine, "systemctl start liveroll");
  assertEquals(await succeeds(machine, STATUS), "serving v1 on port 9101");
  assertStringIncludes(await get(machine, "/"), "v1");
}

async function reloadRolls(machine: Machine): Promise<void> {
  await machine.write("/srv/version", "v2\n");
  await succeeds(machine, "systemctl reload liveroll");
  await machine.until(STATUS, "serving v2 on port 9102");
  await machine.until("systemctl show -P ActiveState,SubState liveroll | xargs", "active running");
  assertStringIncludes(await get(machine, "/"), "v2");
  await machine.until(CHILDREN, "1");
}

async function refusedShows(machine: Machine): Promise<void> {
  await machine.write("/srv/app.js", "console.log('boom'); Deno.exit(7);");
  await machine.write("/srv/version", "v3\n");
  await succeeds(machine, "systemctl reload liveroll");
  await machine.until(STATUS, /^serving v2 on port 9102; v3 refused: .*7.*$/);
  assertEquals(await succeeds(machine, "systemctl is-active liveroll"), "active");
  assertStringIncludes(await get(machine, "/"), "v2");
  await machine.write("/srv/app.js", APP);
  await machine.write("/srv/version", "v4\n");
}

async function watchdogReplaces(machine: Machine): Promise<void> {
  const frozen = await succeeds(machine, MAIN_PID);
  await succeeds(machine, `kill -STOP ${frozen}`);
  await machine.until("systemctl show -P NRestarts liveroll", "1");
  await machine.until(STATUS, "serving v4 on port 9101");
  await machine.until(CHILDREN, "1");
  assertMatch(await succeeds(machine, "journalctl -u liveroll"), /Watchdog timeout/);
}

async function stopDrains(machine: Machine): Promise<void> {
  const slow = get(machine, "/slow");
  await machine.until("ls /srv/slow-began", "/srv/slow-began");
  await succeeds(machine, "systemctl stop --no-block liveroll");
  await machine.until("systemctl show -P SubState liveroll", "stop-sigterm");
  await machine.until(STATUS, "stopping");
  await machine.write("/srv/release", "");
  assertStringIncludes(await slow, "whole");
  await machine.until("systemctl show -P ActiveState liveroll", "inactive");
  assertEquals(await succeeds(machine, "systemctl show -P Result liveroll"), "success");
  assertEquals(await succeeds(machine, CHILDREN), "0");
}

/** From here on with the units that `liveroll unit --socket` prints. */
async function socketActivates(machine: Machine): Promise<void> {
  const flags = [...FLAGS, "--handover=/run/liveroll-handover", "--child-logs=inherit"];
  const words = flags.map((flag) => `'${flag}'`).join(" ");
  await succeeds(
    machine,
    `cd /etc/systemd/system && liveroll unit --socket ${words} > /srv/units &&
      sed '/^# --- .*[.]service$/,$d' /srv/units > liveroll.socket &&
      sed -n '/^# --- .*[.]service$/,$p' /srv/units > liveroll.service && systemctl daemon-reload`,
  );
  const verified = await machine.run(
    "systemd-analyze verify --man=no liveroll.socket liveroll.service",
  );
  assertEquals(verified.stderr, "");
  await succeeds(machine, "systemctl start liveroll.socket");
  // Nobody but systemd listens so far: who connects starts the service.
  assertStringIncludes(await get(machine, "/"), "v4");
  await machine.until("systemctl show -P ActiveState liveroll", "active");
}

async function reloadUpgrades(machine: Machine): Promise<void> {
  const [before, child] = [await succeeds(machine, MAIN_PID), await succeeds(machine, CHILD_PID)];
  await succeeds(machine, "systemctl reload liveroll");
  await machine.until(`test $(${MAIN_PID}) != ${before} && echo other`, "other");
  await machine.until(`ls -d /proc/${before} 2>&1 | grep -o 'No such'`, "No such");
  assertEquals(await succeeds(machine, "systemctl show -P ActiveState liveroll"), "active");
  assertEquals(await succeeds(machine, "systemctl show -P NRestarts liveroll"), "0");
  assertEquals(await succeeds(machine, CHILD_PID), child);
  assertStringIncludes(await get(machine, "/"), "v4");
}

async function killKeepsSocket(machine: Machine): Promise<void> {
  const child = await succeeds(machine, CHILD_PID);
  await succeeds(machine, `kill -KILL $(${MAIN_PID})`);
  assertStringIncludes(await get(machine, "/"), "v4");
  assertEquals(await succeeds(machine, "systemctl show -P NRestarts liveroll"), "1");
  assertEquals(await succeeds(machine, CHILD_PID), child);
}

async function stopsAfterUpgrade(machine: Machine): Promise<void> {
  const before = await succeeds(machine, MAIN_PID);
  await succeeds(machine, "systemctl reload liveroll");
  await machine.until(`test $(${MAIN_PID}) != ${before} && echo other`, "other");
  await succeeds(machine, "rm /srv/release /srv/slow-began");
  const slow = get(machine, "/slow");
  await machine.until("ls /srv/slow-began", "/srv/slow-began");
  await succeeds(machine, "systemctl stop --no-block liveroll.socket liveroll.service");
  await machine.until("systemctl show -P SubState liveroll", "stop-sigterm");
  await machine.write("/srv/release", "");
  assertStringIncludes(await slow, "whole");
  await machine.until("systemctl show -P ActiveState liveroll", "inactive");
  assertEquals(await succeeds(machine, "systemctl show -P Result liveroll"), "success");
  await machine.until(CHILDREN, "0");
}

/** A bare answer, without any client that the tree would have to contain. */
async function get(machine: Machine, path: string): Promise<string> {
  const request = `GET ${path} HTTP/1.1\\r\\nHost: test\\r\\nConnection: close\\r\\n\\r\\n`;
  return await succeeds(
    machine,
    `exec 3<>/dev/tcp/127.0.0.1/8080 && printf '${request}' >&3 && timeout 50 cat <&3`,
  );
}

async function succeeds(machine: Machine, script: string): Promise<string> {
  const { ok, stdout, stderr } = await machine.run(script);
  if (ok) return stdout.trim();
  const { stdout: journal } = await machine.run("journalctl -n 40 --no-pager");
  throw new Error(`Cannot run ${script}: ${stderr}\n${journal}`);
}

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { bundle } from "../../scripts/build.ts";
import type { SocketStatus } from "../../src/control/operator.ts";
import { unitFile } from "../../src/handover/unit_file.ts";
import { installSocketUnits, succeeds } from "../helpers/machine_script.ts";
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

/** Asks again and again, by new connections and by one that is kept, until it is told to stop. */
const LOAD = `
const seen = { whole: 0, refused: 0, broken: 0 };
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
await Promise.all([ask("close"), ask("keep-alive")]);
console.log(JSON.stringify(seen));
async function ask(how) {
  let connection = null;
  while (!exists("/srv/enough")) {
    try {
      connection ??= await Deno.connect({ hostname: "127.0.0.1", port: 8080 });
    } catch {
      seen.refused++;
      continue;
    }
    const answer = await answerOf(connection, how);
    seen[answer.startsWith("HTTP/1.1 200") ? "whole" : "broken"]++;
    if (!/^connection: close/mi.test(answer) && answer !== "") continue;
    connection.close();
    connection = null;
    Deno.writeTextFileSync("/srv/seen", String(seen.whole));
  }
  connection?.close();
}
async function answerOf(connection, how) {
  const request = "GET / HTTP/1.1\\r\\nHost: test\\r\\nConnection: " + how + "\\r\\n\\r\\n";
  const buffer = new Uint8Array(4096);
  let text = "";
  try {
    await connection.write(encoder.encode(request));
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) return "";
      text += decoder.decode(buffer.subarray(0, count));
      const [head, body] = text.split("\\r\\n\\r\\n");
      const length = /^content-length: (\\d+)/mi.exec(head)?.[1];
      if (body !== undefined && body.length === Number(length)) return text;
    }
  } catch {
    return "";
  }
}
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
  "--min-healthy=0s",
  "--port=8080",
];

const STATUS = "systemctl show -P StatusText liveroll";
const MAIN_PID = "systemctl show -P MainPID liveroll";
// By a whole argument: the command line of liveroll itself mentions the program, too.
const CHILDREN = "grep -lszx '/srv/app[.]js' /proc/[0-9]*/cmdline | wc -l";

// Exit code 2: some other process has ended meanwhile.
const CHILD_PID = "grep -lszx '/srv/app[.]js' /proc/[0-9]*/cmdline || test $? = 2";

Deno.test({
  name: "under a real systemd: ready, status, reload, watchdog, and a stop that drains",
  ...needs(nspawn),
  fn: async (t) => {
    await using service = await installService(FLAGS, "WatchdogSec=3s\nRestartSec=100ms");
    const { machine } = service;
    await t.step("start returns when the first version serves", () => startServes(machine));
    await t.step("a reload rolls to the next version", () => reloadRolls(machine));
    await t.step("a refused version shows in the status", () => refusedShows(machine));
    await t.step("a frozen main process is replaced", () => watchdogReplaces(machine));
    await t.step("a stop drains and leaves nothing", () => stopDrains(machine));
    await t.step(
      "a socket that was opened outlives SIGKILL and restarts",
      () => storeOutlivesKill(machine),
    );
    await t.step("a socket of other ports is given up", () => storeFollowsPorts(machine));
    await t.step("an upgrade keeps what it uses", () => storeFollowsUpgrade(machine));
    await t.step("instances of a template follow each other", () => templateRolls(machine));
    await t.step("a socket of systemd is used", () => socketActivates(machine));
    await t.step("a restart refuses nobody", () => restartRefusesNobody(machine));
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
    const flags = ["--pull=sleep 4; echo no route to registry >&2; exit 7", ...FLAGS.slice(1)];
    await using service = await installService(flags, "TimeoutStartSec=3s");
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

const STORED = "systemctl show -P NFileDescriptorStore liveroll";

async function storeOutlivesKill(machine: Machine): Promise<void> {
  await succeeds(machine, "systemctl start liveroll");
  await machine.until(STORED, "1");
  assertEquals(await socketsOf(machine), { from: ["bound"], passedBy: ["store"], problem: null });
  await using load = await startLoad(machine);
  for (let kills = 1; kills <= 2; kills++) {
    await succeeds(machine, `kill -KILL $(${MAIN_PID})`);
    await load.goesOn();
  }
  await restart(machine);
  await load.goesOn();
  const { refused, whole } = await load.stop();
  assertEquals(refused, 0);
  assert(whole > 0);
  assertEquals(await succeeds(machine, STORED), "1");
  assertEquals(await socketsOf(machine), { from: ["store"], passedBy: ["store"], problem: null });
  const doctor = "liveroll doctor --state-dir=/var/lib/liveroll";
  assertStringIncludes(await succeeds(machine, doctor), "keeps the public sockets");
}

/** Returns when another process serves. */
async function restart(machine: Machine): Promise<void> {
  const before = await succeeds(machine, MAIN_PID);
  await succeeds(machine, "systemctl restart liveroll");
  assertNotEquals(await succeeds(machine, MAIN_PID), before);
}

async function storeFollowsPorts(machine: Machine): Promise<void> {
  const unit = "/etc/systemd/system/liveroll.service";
  // The old one would be in the way of the new one.
  await succeeds(machine, `sed -i 's/--port=8080/--port=8080 --host=127.0.0.1/' ${unit}`);
  await succeeds(machine, "systemctl daemon-reload && systemctl restart liveroll");
  await machine.until(STORED, "1");
  assertEquals((await socketsOf(machine)).from, ["bound"]);
  const listeners = "awk '$4 == \"0A\" && $2 ~ /:1F90$/ { print $2 }' /proc/net/tcp";
  assertEquals(await succeeds(machine, listeners), "0100007F:1F90");
  await succeeds(machine, "systemctl stop liveroll");
  assertEquals(await succeeds(machine, listeners), "");
}

/** The new process opens another socket, which it may have kept only when it is the main one. */
async function storeFollowsUpgrade(machine: Machine): Promise<void> {
  const config = "/srv/liveroll.yaml";
  await machine.write(config, "port: 8080\n");
  const flags = [
    ...FLAGS.filter((flag) => !flag.startsWith("--port=")),
    ...[`--config=${config}`, "--handover=/run/liveroll-handover", "--child-logs=inherit"],
  ];
  const words = flags.map((flag) => `'${flag}'`).join(" ");
  await succeeds(
    machine,
    `liveroll unit ${words} > /etc/systemd/system/liveroll.service && systemctl daemon-reload &&
      systemctl start liveroll`,
  );
  await machine.until(STORED, "1");
  const before = await succeeds(machine, MAIN_PID);
  await machine.write(config, "port: 8081\n");
  await succeeds(machine, "systemctl reload liveroll");
  await machine.until(`test $(${MAIN_PID}) != ${before} && echo other`, "other");
  const listening = (port: string) => `awk '$4 == "0A" && $2 ~ /:${port}$/' /proc/net/tcp | wc -l`;
  // The old one lets go when it has drained, the store when it is told.
  await machine.until(listening("1F90"), "0");
  await machine.until(STORED, "1");
  await succeeds(machine, `kill -KILL $(${MAIN_PID})`);
  assertEquals(await succeeds(machine, listening("1F91")), "1");
  assertStringIncludes(await get(machine, "/", 8081), "v4");
  assertEquals((await socketsOf(machine)).from, ["store"]);
  await succeeds(machine, "systemctl stop liveroll");
}

/** Another liveroll, with another version, beside the first one; then the first one is stopped. */
async function templateRolls(machine: Machine): Promise<void> {
  await installTemplate(machine);
  await succeeds(machine, "systemctl start blog.socket blog@A");
  assertEquals(await socketsOf(machine, "blog@A"), {
    from: ["systemd_socket"],
    passedBy: ["systemd_socket"],
    problem: null,
  });
  await succeeds(machine, "rm -f /srv/release /srv/slow-began");
  const slow = get(machine, "/slow");
  await machine.until("ls /srv/slow-began", "/srv/slow-began");
  await using load = await startLoad(machine);
  await machine.write("/srv/app.js", "console.log('boom'); Deno.exit(7);");
  await machine.write("/srv/version", "v5\n");
  await succeeds(machine, "systemctl start --no-block blog@B");
  await machine.until("systemctl show -P StatusText blog@B", /v5 refused/);
  assertEquals(await succeeds(machine, "systemctl show -P ActiveState blog@B"), "activating");
  await load.goesOn();
  await machine.write("/srv/app.js", APP);
  await machine.write("/srv/version", "v6\n");
  await succeeds(machine, "systemctl restart blog@B");
  await succeeds(machine, "systemctl stop --no-block blog@A");
  await machine.until("systemctl show -P SubState blog@A", "stop-sigterm");
  await load.goesOn();
  await machine.write("/srv/release", "");
  assertStringIncludes(await slow, "whole");
  await machine.until("systemctl show -P ActiveState blog@A", "inactive");
  assertStringIncludes(await get(machine, "/"), "v6");
  const { refused, broken } = await load.stop();
  assertEquals([refused, broken], [0, 0]);
  await machine.until(CHILDREN, "1");
  await succeeds(machine, "systemctl stop blog.socket blog@B");
  await machine.write("/srv/version", "v4\n");
}

async function installTemplate(machine: Machine): Promise<void> {
  const words = FLAGS.map((flag) => `'${flag}'`).join(" ");
  await succeeds(
    machine,
    `cd /srv && liveroll unit --socket --template ${words} > units &&
      csplit --quiet --elide-empty-files --prefix=unit- units '/^# --- /' '{*}' &&
      mkdir -p /etc/systemd/system/blog@B.service.d &&
      for unit in unit-*; do
        path=$(sed -n '1s/^# --- //p' $unit)
        mv $unit \${path/NAME-OF-THE-UNIT/blog}
      done && systemctl daemon-reload`,
  );
  const units = "blog.socket blog@A.service blog@B.service";
  assertEquals((await machine.run(`systemd-analyze verify --man=no ${units}`)).stderr, "");
}

/** What `liveroll status` says of the public sockets. */
async function socketsOf(machine: Machine, unit = "liveroll"): Promise<SocketStatus> {
  const status = await succeeds(machine, `liveroll status --json --state-dir=/var/lib/${unit}`);
  return JSON.parse(status).sockets;
}

/** What a load has seen: answers, connections that were refused, and such that broke. */
interface Seen {
  whole: number;
  refused: number;
  broken: number;
}

/** Starts a load, and waits for its first answer. */
async function startLoad(machine: Machine) {
  await machine.write("/srv/load.js", LOAD);
  await succeeds(machine, "rm -f /srv/enough /srv/seen");
  const output = succeeds(machine, "exec timeout 55 deno run -A --no-config /srv/load.js");
  const goesOn = async () => {
    const { stdout } = await machine.run("cat /srv/seen");
    const more = `test "$(cat /srv/seen)" -gt $((${stdout.trim() || 0} + 2)) && echo more`;
    await machine.until(more, "more");
  };
  const stop = async (): Promise<Seen> => {
    await succeeds(machine, "touch /srv/enough");
    return JSON.parse(await output);
  };
  await goesOn();
  return { goesOn, stop, [Symbol.asyncDispose]: () => stop().then(() => {}, () => {}) };
}

/** From here on with the units that `liveroll unit --socket` prints. */
async function socketActivates(machine: Machine): Promise<void> {
  const flags = [...FLAGS, "--handover=/run/liveroll-handover", "--child-logs=inherit"];
  await installSocketUnits(machine, flags);
  const verified = await machine.run(
    "systemd-analyze verify --man=no liveroll.socket liveroll.service",
  );
  assertEquals(verified.stderr, "");
  await succeeds(machine, "systemctl start liveroll.socket");
  // Nobody but systemd listens so far: who connects starts the service.
  assertStringIncludes(await get(machine, "/"), "v4");
  await machine.until("systemctl show -P ActiveState liveroll", "active");
}

async function restartRefusesNobody(machine: Machine): Promise<void> {
  await using load = await startLoad(machine);
  await restart(machine);
  await load.goesOn();
  const { refused, whole } = await load.stop();
  assertEquals(refused, 0);
  assert(whole > 0);
  assertEquals((await socketsOf(machine)).from, ["systemd_socket"]);
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
async function get(machine: Machine, path: string, port = 8080): Promise<string> {
  const request = `GET ${path} HTTP/1.1\\r\\nHost: test\\r\\nConnection: close\\r\\n\\r\\n`;
  return await succeeds(
    machine,
    `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${request}' >&3 && timeout 50 cat <&3`,
  );
}

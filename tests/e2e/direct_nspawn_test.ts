import { assert, assertEquals } from "@std/assert";
import { bundle } from "../../scripts/build.ts";
import { installSocketUnits, succeeds } from "../helpers/machine_script.ts";
import { bootMachine, type Machine, nspawnWorks } from "../helpers/nspawn.ts";
import { needs } from "../helpers/skip.ts";

const nspawn = await nspawnWorks();

const FLAGS = [
  "--engine=direct",
  "--socket-protocol=systemd",
  "--pull=true",
  "--id=cat /srv/version",
  "--exec=deno run -A --quiet --no-config /srv/app.mjs",
  "--healthcheck=/",
  "--interval=1h",
  "--port=8080",
  "--handover=/run/liveroll-handover",
  "--child-logs=inherit",
];

/** Asks again and again on new connections, and counts, until `/srv/enough` is there. */
const LOAD = `
while [ ! -e /srv/enough ]; do
  exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.1\\r\\nHost: test\\r\\nConnection: close\\r\\n\\r\\n' >&3
  case $(timeout 50 cat <&3) in *v1* | *v2*) echo >> /srv/answered ;; *) echo >> /srv/failed ;; esac
done
echo > /srv/counted
`;

const MAIN_PID = "systemctl show -P MainPID liveroll";
// Processes that end meanwhile are errors to grep, and to nobody else.
const CHILD_PID = "grep -lszx '/srv/app[.]mjs' /proc/[0-9]*/cmdline | xargs";

Deno.test({
  name: "direct: the socket of a real systemd outlives rolls, upgrades and SIGKILL",
  ...needs(nspawn),
  async fn(t) {
    await using parts = new AsyncDisposableStack();
    const machine = await install(parts);
    await t.step("who connects starts the service", async () => {
      await succeeds(machine, "systemctl start liveroll.socket");
      await machine.write("/srv/load", LOAD);
      await succeeds(machine, "setsid bash /srv/load >/dev/null 2>&1 </dev/null &");
      await machine.until("systemctl show -P ActiveState liveroll", "active");
      await machine.until("test -e /srv/answered && echo yes", "yes");
    });
    await t.step("a reload upgrades: another process, the same child", async () => {
      const [before, child] = [await succeeds(machine, MAIN_PID), await childOf(machine)];
      await succeeds(machine, "systemctl reload liveroll");
      await machine.until(`test $(${MAIN_PID}) != ${before} && echo other`, "other");
      assertEquals(await childOf(machine), child);
    });
    await t.step("after SIGKILL the next one has socket and child", async () => {
      const child = await childOf(machine);
      await succeeds(machine, `kill -KILL $(${MAIN_PID})`);
      await machine.until("systemctl show -P NRestarts,ActiveState liveroll | xargs", "1 active");
      assertEquals(await childOf(machine), child);
    });
    await t.step("a roll", async () => {
      const child = await childOf(machine);
      await machine.write("/srv/version", "v2\n");
      await succeeds(machine, `kill -HUP $(${MAIN_PID})`);
      await machine.until(CHILD_PID, new RegExp(`^(?!${child}$)\\S+$`));
    });
    await t.step("nothing was lost, and a stop ends everything", async () => {
      await machine.write("/srv/enough", "");
      await machine.until("cat /srv/counted && echo yes", "yes");
      assertEquals(await succeeds(machine, "cat /srv/failed 2>/dev/null | wc -l"), "0");
      assert(Number(await succeeds(machine, "wc -l < /srv/answered")) > 10);
      await succeeds(machine, "systemctl stop liveroll.socket liveroll.service");
      assertEquals(await succeeds(machine, "systemctl show -P Result liveroll"), "success");
      await machine.until(CHILD_PID, "");
    });
  },
});

/** A machine with the units that liveroll prints, not started. */
async function install(parts: AsyncDisposableStack): Promise<Machine> {
  const directory = await Deno.makeTempDir({ prefix: "liveroll-bundle-" });
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  const app = new URL("../apps/direct/app.mjs", import.meta.url).pathname;
  const binds = {
    "/usr/local/bin/deno": Deno.execPath(),
    "/usr/local/bin/liveroll": await bundle(directory),
  };
  const machine = parts.use(await bootMachine({ binds }));
  await machine.write("/srv/app.mjs", await Deno.readTextFile(app));
  await machine.write("/srv/version", "v1\n");
  await installSocketUnits(machine, FLAGS);
  return machine;
}

async function childOf(machine: Machine): Promise<string> {
  const pids = await succeeds(machine, CHILD_PID);
  assert(/^\S+$/.test(pids), `one child, not ${pids}`);
  return pids;
}

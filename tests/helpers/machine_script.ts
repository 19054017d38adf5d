import type { Machine } from "./nspawn.ts";

/**
 * Runs a script on a machine.
 *
 * @returns What it printed, trimmed.
 * @throws {Error} When it fails; the message has the end of the journal.
 */
export async function succeeds(machine: Machine, script: string): Promise<string> {
  const { ok, stdout, stderr } = await machine.run(script);
  if (ok) return stdout.trim();
  const { stdout: journal } = await machine.run("journalctl -n 40 --no-pager");
  throw new Error(`Cannot run ${script}: ${stderr}\n${journal}`);
}

/** Puts the units in place that `liveroll unit --socket` prints, not started. */
export async function installSocketUnits(
  machine: Machine,
  flags: readonly string[],
): Promise<void> {
  const words = flags.map((flag) => `'${flag}'`).join(" ");
  await succeeds(
    machine,
    `cd /etc/systemd/system && liveroll unit --socket ${words} > /srv/units &&
      sed '/^# --- .*[.]service$/,$d' /srv/units > liveroll.socket &&
      sed -n '/^# --- .*[.]service$/,$p' /srv/units > liveroll.service && systemctl daemon-reload`,
  );
}

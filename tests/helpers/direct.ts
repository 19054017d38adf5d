import { assert, assertEquals } from "@std/assert";
import type { StopOutcome } from "../../src/roll/instance.ts";
import type { EventOf } from "./event_log.ts";
import { type Liveroll, withLiveroll } from "./liveroll.ts";
import { assertNoneFailed, Load } from "./load.ts";
import { type Descriptor, descriptorsOf } from "./proc.ts";

/** How children hear of their socket. */
export type DirectProtocol = "server-starter" | "systemd";

/** A row of the matrix: who runs, and what else liveroll is told. */
export interface DirectRow {
  exec: string;
  protocol: DirectProtocol;
  flags?: Record<string, string | null>;
}

/** How a version that hangs ends: by itself, which takes its time, or because somebody says so. */
export type HangEnd = "times_out" | "is_skipped";

/** So long a version has; more than a process may stand still. */
const HEALTH_TIMEOUT = "7s";

/** What liveroll is told. */
export function directFlags({ exec, protocol, flags = {} }: DirectRow) {
  const own = { engine: "direct", "socket-protocol": protocol, exec };
  return { ...own, "stop-timeout": "2s", ...flags };
}

/** Runs `test` with a liveroll in direct mode that serves. */
export async function withDirect(
  row: DirectRow,
  test: (liveroll: Liveroll) => Promise<void>,
): Promise<void> {
  await withLiveroll({ flags: directFlags(row) }, test);
}

/**
 * Good, dying and hanging versions and one that does not end, under load on new and on kept
 * connections: no request fails, and no child has a descriptor that is not meant for it.
 */
export async function assertNothingIsLost(row: DirectRow, hangEnd: HangEnd): Promise<void> {
  const limit = hangEnd === "times_out" ? { "health-timeout": HEALTH_TIMEOUT } : {};
  await withDirect(
    { ...row, flags: { ...limit, ...row.flags } },
    async (liveroll) => {
      await using load = new Load(liveroll.port, { keepAlive: 2, fresh: 2 });
      await load.sees("v1");
      liveroll.offer("dies");
      await liveroll.waitFor("roll.failed", { id: "dies" });
      await hang(liveroll, hangEnd);
      await replace(liveroll, "v1", "deaf", "stopped");
      await load.sees("deaf");
      assertNoLeaks(liveroll);
      await replace(liveroll, "deaf", "v3", "killed");
      await load.sees("v3");
      const report = await load.stop();
      assertNoneFailed(report);
      assertEquals(Object.keys(report.byVersion).sort(), ["deaf", "v1", "v3"]);
    },
  );
}

async function hang(liveroll: Liveroll, end: HangEnd): Promise<void> {
  const since = liveroll.offer("hangs");
  if (end === "times_out") {
    return void await liveroll.waitFor("roll.failed", { id: "hangs" }, since);
  }
  await liveroll.waitFor("probe.failed", ({ instance }) => instance.id === "hangs", since);
  using client = liveroll.home.client();
  await client.set({ kind: "skip", id: "hangs" });
  await liveroll.waitFor("roll.skipped", { id: "hangs" }, since);
}

async function replace(liveroll: Liveroll, from: string, to: string, end: StopOutcome) {
  await liveroll.roll(to);
  const isOld = ({ instance }: EventOf<"instance.stopped">) => instance.id === from;
  assertEquals((await liveroll.waitFor("instance.stopped", isOld)).outcome, end);
}

/** Of what liveroll has open, its child has the public sockets and nothing else. */
export function assertNoLeaks(liveroll: Liveroll, sockets = 1): void {
  const name = ({ fd, target }: Descriptor) => `${fd} ${target}`;
  // What whoever runs the tests has left open goes down to everybody.
  const old = new Set(descriptorsOf(Deno.pid).map(name));
  const ours = new Set(descriptorsOf(liveroll.pid).map(({ target }) => target));
  const [processes = []] = liveroll.children().values();
  assert(processes.length > 0);
  for (const { pid } of processes) {
    const open = descriptorsOf(pid);
    const streams = open.filter(({ fd }) => fd <= 2).map(({ target }) => target);
    const shared = open.filter((one) =>
      ours.has(one.target) && !streams.includes(one.target) && !old.has(name(one))
    );
    const kinds = [...new Set(shared.map(({ target }) => target))];
    const expected = new Array(sockets).fill("socket:[N]");
    assertEquals(kinds.map((target) => target.replace(/\d+/, "N")), expected);
  }
}

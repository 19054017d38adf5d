import { assert, assertEquals, assertFalse } from "@std/assert";
import { AdoptedGroup, type Remains } from "../../../src/platform/adopted_group.ts";
import { groupRuns, lookAt, processBirth } from "../../../src/platform/proc.ts";
import type { ProcessGroup } from "../../../src/platform/process_group.ts";
import { fileLimit, limitFiles, openFiles } from "../../helpers/proc.ts";
import { linux, needs, program } from "../../helpers/skip.ts";
import { closePipes, firstLine, runs, spawn, until } from "./processes.ts";

const ON_LINUX = needs(linux());
const GENTLE = { signal: "SIGTERM", timeoutMs: 20_000 } as const;
const IMPATIENT = { signal: "SIGTERM", timeoutMs: 200 } as const;
const UNKNOWN = { code: -1, signal: null };

/** A group that somebody has started, and what was written down of it. */
class Former implements AsyncDisposable {
  readonly token = crypto.randomUUID();
  readonly group: ProcessGroup;
  readonly birth: string;

  constructor(command: string) {
    this.group = spawn(command, this.token);
    this.birth = processBirth(this.group.pid)!;
  }

  get record(): Remains {
    return { pid: this.group.pid, birth: this.birth, token: this.token };
  }

  /** The first number that it prints. */
  async said(): Promise<number> {
    return Number(await firstLine(this.group.stdout!));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.group.terminate({ signal: "SIGKILL", timeoutMs: 1_000 });
    await closePipes(this.group);
  }
}

/** Leaves this process no file descriptor, until it is disposed of. */
function takeAllFiles(): Disposable {
  const limit = openFiles(Deno.pid) + 20;
  const before = fileLimit();
  limitFiles(Deno.pid, limit);
  const files: Deno.FsFile[] = [];
  try {
    while (files.length < limit) files.push(Deno.openSync("/dev/null"));
  } catch {
    // That was the last one.
  }
  return {
    [Symbol.dispose]() {
      for (const file of files.splice(0)) file.close();
      limitFiles(Deno.pid, before);
    },
  };
}

async function found(remains: Remains): Promise<AdoptedGroup> {
  const group = await AdoptedGroup.find(remains);
  assert(group !== null, "Nothing was found.");
  return group;
}

Deno.test({
  name: "K53 a group is found by the process that was written down, and its end is seen",
  ...ON_LINUX,
  async fn() {
    await using former = new Former("echo $$; exec sleep 600");
    await former.said();
    const group = await found(former.record);
    assertEquals([group.pid, group.birth, group.exit], [former.group.pid, former.birth, null]);
    Deno.kill(group.pid, "SIGKILL");
    assertEquals(await group.exited, UNKNOWN);
    assertEquals(group.exit, UNKNOWN);
    assertEquals(await group.terminate(GENTLE), "already_gone");
  },
});

Deno.test({
  name: "a group that cannot be looked at for want of file descriptors has not ended",
  ...needs(linux(), program("prlimit")),
  async fn() {
    await using former = new Former("echo $$; exec sleep 600");
    await former.said();
    const group = await found(former.record);
    using files = takeAllFiles();
    assertEquals(group.exit, null);
    assertFalse(await group.isGone());
    assert(await groupRuns(former.group.pid));
    files[Symbol.dispose]();
    Deno.kill(group.pid, "SIGKILL");
    assertEquals(await group.exited, UNKNOWN);
  },
});

Deno.test({
  name: "the end of the leader is known when it is asked for, not at the next look only",
  ...ON_LINUX,
  async fn() {
    await using former = new Former("echo $$; exec sleep 600");
    await former.said();
    const group = await found(former.record);
    group.release();
    Deno.kill(group.pid, "SIGKILL");
    await until(() => !runs(former.group.pid));
    assertEquals(group.exit, UNKNOWN);
  },
});

Deno.test({
  name: "a process that got the same id later, or the same id after another boot, is a stranger",
  ...ON_LINUX,
  async fn() {
    await using stranger = new Former("trap 'exit 1' TERM; echo $$; while :; do sleep 0.02; done");
    const pid = await stranger.said();
    const [boot, start] = stranger.birth.split(":");
    const earlier = `${boot}:${Number(start) - 1}`;
    const otherBoot = `${crypto.randomUUID()}:${start}`;
    for (const birth of [earlier, otherBoot, null]) {
      assertEquals(await AdoptedGroup.find({ pid, birth, token: "another" }), null);
    }
    assert(runs(pid));
  },
});

Deno.test({
  name: "a group whose leader has ended belongs to whom its token tells",
  ...ON_LINUX,
  async fn() {
    const rest = "sh -c 'echo $$; exec sleep 600' & exit 0";
    await using former = new Former(rest);
    const left = await former.said();
    await former.group.exited;
    assertEquals(await AdoptedGroup.find({ ...former.record, token: "another" }), null);
    assert(runs(left));
    const group = await found(former.record);
    assertEquals([group.pid, group.exit], [left, null]);
    assertEquals(await group.terminate(GENTLE), "stopped");
    assertFalse(runs(left));
    assertEquals([group.exit, await group.exited], [UNKNOWN, UNKNOWN]);
  },
});

Deno.test({
  name: "one carrier of the token answers for its whole group",
  ...ON_LINUX,
  async fn() {
    await using former = new Former(
      "sleep 600 & LIVEROLL_INSTANCE= sh -c 'echo $$; exec sleep 600' & exit 0",
    );
    const shed = await former.said();
    await former.group.exited;
    const group = await found(former.record);
    assertEquals(await group.terminate(GENTLE), "stopped");
    assertFalse(runs(shed));
  },
});

Deno.test({
  name: "whoever came to the group since it was found ends with it",
  ...ON_LINUX,
  async fn() {
    const stubborn = `trap "" TERM; echo $$; while :; do sleep 0.05; done`;
    await using former = new Former(
      `late() { LIVEROLL_INSTANCE= sh -c '${stubborn}' & }; trap late HUP; echo up; ` +
        "while :; do sleep 0.02; done",
    );
    await former.said();
    const group = await found(former.record);
    Deno.kill(group.pid, "SIGHUP");
    const late = await former.said();
    assertEquals(await group.terminate(IMPATIENT), "killed");
    assertFalse(runs(late));
  },
});

Deno.test({
  name: "whoever is left stands for a leader that has ended; the end is that of the last one",
  ...ON_LINUX,
  async fn() {
    await using former = new Former(
      "sleep 600 & sh -c 'echo $$; exec sleep 600' & wait $!; exit 0",
    );
    const second = await former.said();
    Deno.kill(former.group.pid, "SIGKILL");
    await former.group.exited;
    const group = await found(former.record);
    const first = group.pid;
    assert(first !== second && lookAt(first)?.group === former.group.pid);
    Deno.kill(first, "SIGKILL");
    await until(() => !runs(first));
    assertFalse(await group.isGone());
    assertEquals(group.exit, null);
    Deno.kill(second, "SIGKILL");
    assertEquals(await group.exited, UNKNOWN);
  },
});

Deno.test({
  name: "B09 the group is waited for and killed, also those who shed the token",
  ...ON_LINUX,
  async fn() {
    const stubborn = `trap "" TERM; echo $$; while :; do sleep 0.05; done`;
    await using former = new Former(`LIVEROLL_INSTANCE= sh -c '${stubborn}'; true`);
    const app = await former.said();
    const group = await found(former.record);
    assertEquals(await group.terminate(IMPATIENT), "killed");
    assertFalse(runs(app));
    assertFalse(runs(former.group.pid));
  },
});

Deno.test({
  name: "a group whose id was not written down is found by its token, as a group",
  ...ON_LINUX,
  async fn() {
    await using former = new Former(
      "LIVEROLL_INSTANCE= sleep 600 & LIVEROLL_INSTANCE= sh -c 'echo $$; exec sleep 600'; true",
    );
    const shed = await former.said();
    const group = await found({ pid: null, birth: null, token: former.token });
    assertEquals([group.pid, group.birth], [former.group.pid, former.birth]);
    assertEquals(await group.terminate(GENTLE), "stopped");
    assertFalse(runs(shed));
  },
});

Deno.test({
  name: "B09 what has left for sessions of its own is found and gets the signal itself",
  ...ON_LINUX,
  async fn() {
    const daemon = "trap 'exit 0' HUP; trap '' TERM; echo $$; while :; do sleep 0.02; done";
    await using former = new Former(`setsid sh -c "${daemon.replaceAll("$", "\\$")}" &`);
    const pid = await former.said();
    await former.group.exited;
    await until(() => former.group.isGone());
    const group = await found(former.record);
    assertEquals(group.pid, pid);
    assertEquals(await group.terminate({ signal: "SIGHUP", timeoutMs: 20_000 }), "stopped");
    assertFalse(runs(pid));
  },
});

Deno.test({
  name: "B09 escapees of a group end with it",
  ...ON_LINUX,
  async fn() {
    await using former = new Former("setsid sh -c 'echo $$; exec sleep 600' & exec sleep 600");
    const escapee = await former.said();
    const group = await found(former.record);
    assertEquals(group.pid, former.group.pid);
    assert(await group.includes(escapee));
    assertFalse(await group.includes(Deno.pid));
    assertEquals(await group.terminate(GENTLE), "stopped");
    assertFalse(runs(escapee));
  },
});

Deno.test({
  name: "a zombie is nothing that is left",
  ...ON_LINUX,
  async fn() {
    // The parent of the zombie never waits for its child.
    await using parent = new Former("sh -c 'echo $$' & LIVEROLL_INSTANCE= exec sleep 600");
    const pid = await parent.said();
    await until(() => lookAt(pid)?.runs === false);
    const birth = processBirth(pid);
    assert(birth !== null);
    assertEquals(await AdoptedGroup.find({ pid, birth, token: parent.token }), null);
  },
});

Deno.test({
  name: "nothing is left of what has ended",
  ...ON_LINUX,
  async fn() {
    await using former = new Former("exit 0");
    await former.group.exited;
    assertEquals(await AdoptedGroup.find(former.record), null);
    assertEquals(await AdoptedGroup.find({ ...former.record, pid: null, birth: null }), null);
  },
});

Deno.test({
  name: "a force ends the patience with an adopted group",
  ...ON_LINUX,
  async fn() {
    await using former = new Former("trap '' TERM; echo $$; while :; do sleep 0.05; done");
    await former.said();
    const group = await found(former.record);
    const force = new AbortController();
    const ended = group.terminate({ ...GENTLE, timeoutMs: 600_000, force: force.signal });
    force.abort();
    assertEquals(await ended, "killed");
  },
});

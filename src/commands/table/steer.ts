import type { CommandOrder } from "../../control/client/control_client.ts";
import type { Setting } from "../../control/operator.ts";
import { file, line } from "../../values/kinds.ts";
import type { Command, Word } from "../command.ts";
import { switchFlag, textFlag, timeFlag } from "../flags.ts";
import { talk, TALK_FLAGS } from "../talk.ts";
import { type Asked, verb } from "../verb.ts";

const WAIT_FLAGS = {
  ...TALK_FLAGS,
  timeout: timeFlag("10m", "wait no longer than this; what was asked for goes on"),
} as const;

const ORDER_FLAGS = {
  ...WAIT_FLAGS,
  "dry-run": switchFlag("tell what would be done now, and change nothing"),
} as const;

const WAITS = `\
Waits for the end and shows progress on standard error. Ctrl-C ends the waiting
only (exit code 130): the roll goes on. If liveroll is started again in the
meantime, it is asked what became of the roll.`;

const ID: Word = { name: "ID" };
const DEFAULT_MESSAGE = "Down for maintenance";

/** Commands that change something. */
export const STEER: readonly Command[] = [
  verb({
    name: "update",
    group: "Steer",
    summary: "roll to the newest version, or to ID",
    about: `\
Asks the source now and rolls to what it names, unless that is skipped or in
quarantine; or to ID, even if that is. Refused while updates are paused or
another version is pinned. --force goes over all of that, and replaces what runs
even if it is the same version.

${WAITS}`,
    words: [ID],
    flags: { ...ORDER_FLAGS, force: switchFlag("whatever is in the way") },
    run: (asked) =>
      give(asked, { kind: "update", id: asked.words[0] ?? null, force: asked.values.force }),
  }),
  verb({
    name: "rollback",
    group: "Steer",
    summary: "roll back to the version before, or to ID",
    about: `\
Rolls back to the version that served before, or to ID. What runs now is skipped
from then on, until retry.

${WAITS}`,
    words: [ID],
    flags: ORDER_FLAGS,
    run: (asked) => give(asked, { kind: "rollback", id: asked.words[0] ?? null }),
  }),
  verb({
    name: "retry",
    group: "Steer",
    summary: "forget failures and skips, and check now",
    about: `\
Forgets what is in quarantine and what is skipped, and checks at once; refused
while updates are paused or a version is pinned.

${WAITS}`,
    flags: ORDER_FLAGS,
    run: (asked) => give(asked, { kind: "retry" }),
  }),
  verb({
    name: "pin",
    group: "Steer",
    summary: "roll to ID and stay there",
    about: `\
Rolls to ID, if it does not serve already, and to nothing else until unpin.

${WAITS}`,
    words: [{ ...ID, required: true }],
    flags: ORDER_FLAGS,
    run: (asked) => give(asked, { kind: "pin", id: asked.words[0] ?? "" }),
  }),
  setting("unpin", "end a pin", "Ends a pin: the newest version counts again."),
  verb({
    name: "skip",
    group: "Steer",
    summary: "never roll to ID by itself",
    about: `\
ID is not rolled to, until retry, update --force, or somebody names it: update,
rollback or pin ID. If it is on its way, that ends: the candidate is stopped,
and what serves goes on.`,
    words: [{ ...ID, required: true }],
    flags: TALK_FLAGS,
    run: (asked) => put(asked, { kind: "skip", id: asked.words[0] ?? "" }),
  }),
  setting(
    "pause",
    "no updates by themselves",
    `\
No version is rolled to until resume, but by rollback, pin or update --force;
crashes are healed all the same.`,
  ),
  setting("resume", "end a pause", "Updates go on as they did before pause."),
  setting(
    "hold",
    "let requests wait",
    "Requests wait, bounded by --queue-timeout and --queue-limit, until release.",
  ),
  setting("release", "end a hold", "Requests that wait, and all others, pass again."),
  verb({
    name: "maintenance",
    group: "Steer",
    summary: "answer requests with a message, or pass them on",
    about: "Answers every request 503 with a message, until maintenance off.",
    words: [{ name: "on|off", required: true, choices: ["on", "off"] }],
    flags: { ...TALK_FLAGS, message: textFlag("TEXT", DEFAULT_MESSAGE, "what to answer") },
    run: (asked) =>
      put(asked, {
        kind: "maintenance",
        message: asked.words[0] === "on" ? asked.values.message : null,
      }),
  }),
  verb({
    name: "restore",
    group: "Steer",
    summary: "snapshots of the data, and the way back to one",
    about: `\
Lists the snapshots that were taken before data was changed, the newest at the
bottom; with SNAPSHOT puts that one back, after checking its bytes. liveroll and
all containers on the data have to be stopped (exit code 4: liveroll is not).
With --accept the data is taken as it is, after a restore that failed.

After either, start liveroll again: it starts the version that was good last.`,
    words: [{ name: "SNAPSHOT" }],
    flags: {
      ...TALK_FLAGS,
      list: switchFlag("list the snapshots, as without SNAPSHOT"),
      accept: switchFlag("take the data as it is"),
      command: { kind: line, default: null, help: "what reads SNAPSHOT, if a command has made it" },
      "docker-host": { kind: line, default: null, help: "socket of the engine, as unix:///PATH" },
      timeout: timeFlag("30m", "putting it back may take no longer than this"),
    },
    run: (asked) =>
      talk(asked, async (talk) => {
        const { restore } = await import("../restore.ts");
        const { words: [word], values } = asked;
        return await restore(talk, {
          snapshot: word ?? null,
          list: values.list,
          accept: values.accept,
          command: values.command,
          dockerHost: values["docker-host"],
          timeoutMs: values.timeout,
        });
      }),
  }),
  verb({
    name: "upgrade",
    group: "Steer",
    summary: "let a new liveroll take the place of the running one",
    about: `\
Starts the program that lies in the place of the running liveroll, or the one of
--binary, with the same options. It takes over sockets and children, and the old
one finishes what it has begun: no request fails. Needs --handover.`,
    flags: {
      ...WAIT_FLAGS,
      binary: { kind: file, default: null, help: "absolute path of the new program" },
    },
    run: (asked) =>
      talk(asked, async (talk) => {
        const { binary, timeout: timeoutMs } = asked.values;
        const { upgrade } = await import("../upgrade.ts");
        return await upgrade(talk, { binary, timeoutMs });
      }),
  }),
  verb({
    name: "stop",
    group: "Steer",
    summary: "stop liveroll and the application, in order",
    about: `\
Stops liveroll as TERM does: requests under way may finish, then the application
is stopped. Waits until that is done; Ctrl-C ends the waiting only. A service
manager may start it again: systemctl stop is for that.`,
    flags: WAIT_FLAGS,
    run: (asked) =>
      talk(asked, async (talk) => {
        const { stop } = await import("../stop.ts");
        return await stop(talk, { timeoutMs: asked.values.timeout });
      }),
  }),
];

type Simple = Extract<Setting["kind"], "pause" | "resume" | "hold" | "release" | "unpin">;

function setting(kind: Simple, summary: string, about: string): Command {
  return verb({
    name: kind,
    group: "Steer",
    summary,
    about,
    flags: TALK_FLAGS,
    run: (asked) => put(asked, { kind }),
  });
}

async function put(asked: Asked<typeof TALK_FLAGS>, setting: Setting): Promise<number> {
  return await talk(asked, async (talk) => {
    const { change } = await import("../change.ts");
    return await change(talk, setting);
  });
}

async function give(asked: Asked<typeof ORDER_FLAGS>, what: CommandOrder): Promise<number> {
  return await talk(asked, async (talk) => {
    if (asked.values["dry-run"]) return await (await import("../plan.ts")).plan(talk, what);
    const { order } = await import("../order.ts");
    return await order(talk, what, { timeoutMs: asked.values.timeout });
  });
}
